import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from edgedet.data import wider_face
from edgedet.training import Run
from edgedet.training.ema import WeightAverage
from edgedet.training.summaries import EXAMPLE_SIDE, Summaries
from edgedet.training.validation import Validation


@pytest.fixture
def written(tmp_path, tiny, faces):
    """What is written for two epochs, of which the second is evaluated: `{tag: {step: value}}`."""
    tiny.compile(keras.optimizers.SGD(0.5))
    run, dataset = Run(tmp_path), wider_face.read(faces, "val")
    average = WeightAverage(0.0)
    average.set_model(tiny)
    validation = Validation(run, dataset, average, every=2, epochs=2)
    summaries = Summaries(run, validation)
    for callback in (validation, summaries):
        callback.set_model(tiny)
        callback.on_train_begin()
    for epoch in range(2):
        logs = {"loss": 1.5 + epoch, "box": 0.25}
        for callback in (validation, summaries):
            callback.on_epoch_end(epoch, logs)
    summaries.on_train_end()
    [path] = run.tensorboard_folder.iterdir()
    found = {}
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        event = tf.compat.v1.Event.FromString(record)
        for value in event.summary.value:
            found.setdefault(value.tag, {})[event.step] = value
    return found


def test_scalars_stand_by_epoch_and_group(written):
    scalars = {
        tag: {step: value.simple_value for step, value in steps.items()}
        for tag, steps in written.items()
        if "example" not in tag
    }
    assert scalars["loss/loss"] == {1: 1.5, 2: 2.5}
    assert scalars["loss/box"] == {1: 0.25, 2: 0.25}
    assert scalars["learning_rate"] == {1: 0.5, 2: 0.5}
    assert set(scalars["val/ap50"]) == {2}


def test_examples_come_with_each_evaluation(written):
    examples = {tag: steps for tag, steps in written.items() if "example" in tag}
    # There are two images in the val part.
    assert set(examples) == {"val/example 0", "val/example 1"}
    for steps in examples.values():
        assert set(steps) == {2}
        image = steps[2].image
        picture = np.asarray(Image.open(io.BytesIO(image.encoded_image_string)))
        assert picture.shape == (image.height, image.width, 3)
        assert max(picture.shape) <= EXAMPLE_SIDE
