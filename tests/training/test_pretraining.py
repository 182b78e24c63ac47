"""Crops of objects teach a detector what tells its classes apart."""

import dataclasses
import json

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw

from edgedet.data.layouts import open_dataset
from edgedet.errors import DataError
from edgedet.models import MODELS
from edgedet.settings import Optimization
from edgedet.training import Recipe, crop_accuracy
from edgedet.training.crop_accuracy import crop_accuracies
from edgedet.training.datasets import open_datasets
from edgedet.training.pretraining import classifier_of, crop_feeder, pretrain

NAMES = ("disc", "bars")
# Objects of the rare class are one in five.
RARE = 5


def draw(folder, split, count, seed, names=NAMES, outside=(), side=96):
    """Draw images with one object each: a disc, or three bars as wide and as bright.

    Of images whose numbers are in `outside`, the annotated box lies where no image is.
    """
    generator = np.random.default_rng(seed)
    content = {"images": [], "annotations": []}
    content["categories"] = [{"id": label, "name": name} for label, name in enumerate(names)]
    (folder / split).mkdir(parents=True)
    for number in range(count):
        picture = Image.fromarray(generator.integers(0, 60, (side, side, 3), "uint8"))
        width = int(generator.integers(side // 4, side * 5 // 8))
        x, y = generator.integers(0, side - width, 2).tolist()
        label = int(number % RARE == 0)
        draw_object(ImageDraw.Draw(picture), label, x, y, width)
        picture.save(folder / split / f"{number}.png")
        # Without its size, nobody knows that a box lies outside.
        content["images"].append({"id": number, "file_name": f"{number}.png"})
        box = [500, 500, 30, 30] if number in outside else [x, y, width, width]
        box = {"bbox": box, "category_id": label}
        content["annotations"].append({"id": number, "image_id": number, **box})
    (folder / "annotations").mkdir(exist_ok=True)
    (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))


def draw_object(pen, label, x, y, side):
    if not label:
        pen.ellipse([x, y, x + side - 1, y + side - 1], fill=(220, 220, 220))
        return
    for bar in range(3):
        left = x + bar * 2 * side // 5
        pen.rectangle([left, y, left + side // 5, y + side - 1], fill=(220, 220, 220))


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


@pytest.fixture(scope="module")
def pretrained(recipe):
    return pretrain(recipe, 64)


def accuracies_on(pretrained, recipe, folder):
    dataset = open_dataset(folder, "val")
    return crop_accuracies(pretrained.classifier, pretrained.model, dataset, recipe)


def test_what_is_learned_goes_into_the_detector(pretrained, recipe):
    model = pretrained.model
    assert model.input_size == (96, 96) and model.class_names == NAMES

    keras.utils.set_random_seed(recipe.seed)
    untaught = MODELS["tiny"](class_names=NAMES)
    before = {layer.name: layer.get_weights() for layer in untaught.network.layers}
    after = {layer.name: layer.get_weights() for layer in model.network.layers}
    for name in ("c0_conv", "c2_conv", "p3_class_depthwise", "p3_class_conv"):
        assert np.abs(after[name][0] - before[name][0]).max() > 0.01
    # Where objects are is not asked, nor what a class logit is.
    for name in ("p3_box_conv", "p3_box_raw", "p3_class_logits"):
        np.testing.assert_array_equal(after[name][0], before[name][0])


def test_it_tells_other_crops_apart(pretrained, recipe, data):
    (found,) = accuracies_on(pretrained, recipe, data)
    # A mean of the classes: who always says `disc` has .5.
    assert 0.9 < found <= 1


def test_names_count_not_numbers(pretrained, recipe, tmp_path):
    # The same shapes, numbered otherwise, beside a class that nobody learned.
    draw(tmp_path, "val2017", 20, 1, names=("bars", "disc"))
    (found,) = accuracies_on(pretrained, recipe, tmp_path)
    assert found < 0.1
    path = tmp_path / "annotations" / "instances_val2017.json"
    path.write_text(path.read_text().replace('"bars"', '"stars"'))
    # Discs are left, which are called bars here.
    (found,) = accuracies_on(pretrained, recipe, tmp_path)
    assert found < 0.1


def test_boxes_outside_of_their_images_are_not_asked_about(pretrained, recipe, tmp_path):
    draw(tmp_path / "some", "val2017", 20, 1, outside=range(1, 20, 2))
    (found,) = accuracies_on(pretrained, recipe, tmp_path / "some")
    assert found > 0.9
    draw(tmp_path / "all", "val2017", 3, 1, outside=range(3))
    assert accuracies_on(pretrained, recipe, tmp_path / "all") == []


def test_each_level_has_its_share(pretrained, recipe, data):
    # The second says of two classes always the other one.
    logits = keras.tree.flatten(pretrained.classifier.outputs)[0]
    opposed = keras.Model(pretrained.classifier.input, [logits, -logits])
    two = dataclasses.replace(pretrained, classifier=opposed)
    first, second = accuracies_on(two, recipe, data)
    assert first > 0.9 and first + second == pytest.approx(1)


def test_a_val_part_without_any_image_that_can_be_read(pretrained, recipe, tmp_path):
    draw(tmp_path, "val2017", 2, 1)
    for path in (tmp_path / "val2017").iterdir():
        path.write_bytes(b"no image")
    with pytest.raises(DataError, match="expected at least one readable image"):
        accuracies_on(pretrained, recipe, tmp_path)


def test_an_image_that_goes_while_it_is_measured(pretrained, recipe, tmp_path, monkeypatch):
    class LosesItsImage(crop_accuracy.Feeder):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            path.unlink()

    draw(tmp_path, "val2017", 1, 1)
    path = tmp_path / "val2017" / "0.png"
    # Whatever its name: only a JPEG is read again after the beginning.
    Image.open(path).save(path, "JPEG")
    monkeypatch.setattr(crop_accuracy, "Feeder", LosesItsImage)
    message = r"0\.png; No such file or directory\)\.\nBring the data back, then start again\.$"
    with pytest.raises(DataError, match=message):
        accuracies_on(pretrained, recipe, tmp_path)


def test_objects_too_small_to_ask_about(pretrained, recipe, tmp_path):
    draw(tmp_path, "val2017", 4, 1, side=24)
    assert accuracies_on(pretrained, recipe, tmp_path) == []


def test_boxes_outside_of_their_images_teach_nothing(recipe, tmp_path):
    draw(tmp_path, "train2017", 12, 0, outside=range(3, 12))
    some = dataclasses.replace(recipe, data=(str(tmp_path),), epochs=1, batch_size=1)
    done = pretrain(some, 64)
    assert done.val is None
    assert all(np.isfinite(weight).all() for weight in done.model.network.get_weights())


def test_rare_classes_are_shown_more_often(recipe):
    train, _ = open_datasets(recipe)
    small = MODELS["tiny"](input_size=(64, 64), class_names=NAMES)
    feeder = crop_feeder(recipe, train, small)
    batches = feeder.epochs(0, 20).map(lambda batch: batch["labels"])
    labels = np.concatenate([batch.ravel() for batch in batches.as_numpy_iterator()])
    shown = np.bincount(labels[labels >= 0], minlength=2)
    # One in five is rare, so for each there are four others; shown are two.
    assert shown[0] / shown[1] == pytest.approx(4**0.5, rel=0.15)


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


def test_each_level_of_a_detector_has_its_logits():
    model = MODELS["nexus"](input_size=(96, 96), class_names=NAMES)
    logits = classifier_of(model)(np.zeros((2, 96, 96, 3), "float32"))
    assert [each.shape for each in logits] == 3 * [(2, 2)]


def test_too_few_objects_are_said(recipe):
    message = r"expected 100 objects of at least 20 pixels .* found 60 in 60 images\.\n\S"
    with pytest.raises(DataError, match=message):
        pretrain(dataclasses.replace(recipe, batch_size=100), 64)


def test_no_object_that_is_large_enough(recipe, tmp_path):
    draw(tmp_path, "train2017", 3, 0, side=24)
    with pytest.raises(DataError, match=r"expected 10 objects .* found 0 in 3 images\.\n\S"):
        pretrain(dataclasses.replace(recipe, data=(str(tmp_path),)), 64)


def test_objects_that_cannot_be_read_do_not_count(recipe, tmp_path):
    draw(tmp_path, "train2017", 12, 0)
    for number in range(4, 12):
        (tmp_path / "train2017" / f"{number}.png").write_bytes(b"no image")
    message = r"expected 10 objects of at least 20 pixels .* found 4 in 12 images\.\n\S"
    with pytest.raises(DataError, match=message):
        pretrain(dataclasses.replace(recipe, data=(str(tmp_path),)), 64)


def test_one_class_has_nothing_to_be_told_from(recipe):
    with pytest.raises(DataError, match=r"expected several classes to tell apart, found disc\.\n"):
        pretrain(dataclasses.replace(recipe, classes=("disc",)), 64)
