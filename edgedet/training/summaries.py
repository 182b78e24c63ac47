"""The history and what the model finds, for TensorBoard.

Files are written as TensorBoard's first format, whose records TensorFlow knows by itself; only who
looks at them needs TensorBoard installed: `tensorboard --logdir RUN`.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from edgedet import images
from edgedet.evaluation import Results
from edgedet.runtime.drawing.detections import draw
from edgedet.training.run import Run
from edgedet.training.validation import Validation

# Images of the val part whose detections are shown after every evaluation, the same each time.
EXAMPLES = 6
EXAMPLE_SIDE = 480


class Summaries(keras.callbacks.Callback):
    """Writes scalars after every epoch, and example images with boxes after every evaluation.

    Args:
        run: Where they are written.
        validation: What has measured before.
    """

    def __init__(self, run: Run, validation: Validation):
        super().__init__()
        self.run = run
        self.validation = validation

    def on_train_begin(self, logs=None):
        self.writer = tf.summary.create_file_writer(str(self.run.tensorboard_folder))

    def on_epoch_end(self, epoch, logs=None):
        rate = float(self.model.optimizer.learning_rate)
        values = [
            tf.compat.v1.Summary.Value(tag=_group(name), simple_value=float(value))
            for name, value in {**(logs or {}), "learning_rate": rate}.items()
        ]
        if self.validation.latest is not None:
            min_score = self.model.manifest().min_score
            values += list(_examples(self.validation.latest.results, min_score))
        summary = tf.compat.v1.Summary(value=values)
        with self.writer.as_default():
            tf.summary.experimental.write_raw_pb(summary.SerializeToString(), step=epoch + 1)
        self.writer.flush()

    def on_train_end(self, logs=None):
        self.writer.close()


def _group(name):
    """Return the tag of a number: TensorBoard shows together what begins alike."""
    if name == "learning_rate":
        return name
    return name.replace("val_", "val/") if name.startswith("val_") else f"loss/{name}"


def _examples(results: Results, min_score):
    chosen = len(results) and range(0, len(results), -(-len(results) // EXAMPLES))
    for place, index in enumerate(chosen or ()):
        found = results.detections[index]
        image = results.picture(results.records[index])
        picture = draw(image, found[found.scores >= min_score], results.class_names)
        yield tf.compat.v1.Summary.Value(tag=f"val/example {place}", image=_encoded(picture))


def _encoded(picture):
    small = Image.fromarray(picture)
    small.thumbnail((EXAMPLE_SIDE, EXAMPLE_SIDE))
    return tf.compat.v1.Summary.Image(
        height=small.height,
        width=small.width,
        colorspace=3,
        encoded_image_string=images.encode_jpeg(np.asarray(small)),
    )
