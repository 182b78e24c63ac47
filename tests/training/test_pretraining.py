"""Crops of objects teach a detector what tells its classes apart."""

import dataclasses
import json

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw

from edgedet.errors import DataError
from edgedet.models import MODELS
from edgedet.settings import Optimization
from edgedet.training import Recipe
from edgedet.training.pretraining import classifier_of, pretrain

NAMES = ("disc", "bars")
# Objects of the rare class are one in five.
RARE = 5


def draw(folder, split, count, seed):
    """Draw images with one object each: a disc, or three bars as wide and as bright."""
    generator = np.random.default_rng(seed)
    content = {"images": [], "annotations": []}
    content["categories"] = [{"id": label, "name": name} for label, name in enumerate(NAMES)]
    (folder / split).mkdir(parents=True)
    for number in range(count):
        picture = Image.fromarray(generator.integers(0, 60, (96, 96, 3), "uint8"))
        pen, side = ImageDraw.Draw(picture), int(generator.integers(24, 60))
        x, y = generator.integers(0, 96 - side, 2).tolist()
        label = int(number % RARE == 0)
        if label:
            for bar in range(3):
                left = x + bar * 2 * side // 5
                pen.rectangle([left, y, left + side // 5, y + side - 1], fill=(220, 220, 220))
        else:
            pen.ellipse([x, y, x + side - 1, y + side - 1], fill=(220, 220, 220))
        picture.save(folder / split / f"{number}.png")
        place = {"file_name": f"{number}.png", "width": 96, "height": 96}
        content["images"].append({"id": number, **place})
        box = {"bbox": [x, y, side, side], "category_id": label}
        content["annotations"].append({"id": number, "image_id": number, **box})
    (folder / "annotations").mkdir(exist_ok=True)
    (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shapes")
    draw(folder, "train2017", 60, 0)
    draw(folder, "val2017", 20, 1)
    return folder


@pytest.fixture(scope="module")
def recipe(data):
    return Recipe(
        "tiny", (str(data),), input_size=(96, 96), epochs=30, batch_size=10,
        optimization=Optimization(learning_rate=0.02, warmup_epochs=1),
    )  # fmt: skip


def test_what_is_learned_goes_into_the_detector(recipe, capsys):
    model, accuracies = pretrain(recipe, 64)
    assert model.input_size == (96, 96) and model.class_names == NAMES
    # A mean of the classes: who always says `disc` has .5.
    assert len(accuracies) == 1 and accuracies[0] > 0.9

    keras.utils.set_random_seed(recipe.seed)
    untaught = MODELS["tiny"](class_names=NAMES)
    before = {layer.name: layer.get_weights() for layer in untaught.network.layers}
    after = {layer.name: layer.get_weights() for layer in model.network.layers}
    for name in ("c0_conv", "c2_conv", "p3_class_depthwise", "p3_class_conv"):
        assert np.abs(after[name][0] - before[name][0]).max() > 0.01
    # Where objects are is not asked, nor what a class logit is.
    for name in ("p3_box_conv", "p3_box_raw", "p3_class_logits"):
        np.testing.assert_array_equal(after[name][0], before[name][0])


def test_a_classifier_sees_what_the_class_branch_sees():
    model = MODELS["tiny"](class_names=("a", "b", "c"))
    classifier = classifier_of(model)
    images = np.random.default_rng(0).random((2, 64, 64, 3), "float32")
    (logits,) = keras.tree.flatten(classifier(images))
    assert logits.shape == (2, 3)
    branch = model.network.get_layer("p3_class_logits").input
    seen = keras.Model(model.network.input, branch)(images)
    kernel, bias = classifier.get_layer("p3_classes").get_weights()
    np.testing.assert_allclose(logits, seen.numpy().mean(axis=(1, 2)) @ kernel + bias, atol=1e-5)


def test_too_few_objects_are_said(recipe):
    with pytest.raises(DataError, match="expected at least 100 images, a batch, found 60"):
        pretrain(dataclasses.replace(recipe, batch_size=100), 64)
