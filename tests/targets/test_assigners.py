"""What every assigner promises, whatever its rule."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry.points import grid_points
from edgedet.models import Detector
from edgedet.models.blocks import conv
from edgedet.models.heads import dense_head
from edgedet.targets import ASSIGNERS

SIZE, STRIDES = (64, 96), (4, 8, 16)
POINTS, POINT_STRIDES = grid_points(SIZE, STRIDES)
# What the one that chooses levels by size is told: the geometric mean of the sides.
SIZE_RANGES = ((0.0, 20.0), (14.0, 48.0), (36.0, float("inf")))
FIELDS = ("labels", "boxes", "positive", "ignored", "quality")


@pytest.fixture(params=ASSIGNERS)
def assigner(request):
    return make(request.param)


def make(name):
    ranges = {"size_ranges": SIZE_RANGES} if name == "center" else {}
    return ASSIGNERS[name](SIZE, STRIDES, **ranges)


def truth_of(boxes, labels=None, ignored=None, num_classes=3):
    """Return a batch of one image's objects."""
    boxes = np.reshape(np.asarray(boxes, "float32"), (1, -1, 4))
    count = boxes.shape[1]
    return {
        "boxes": boxes,
        "labels": np.array([np.zeros(count) if labels is None else labels], "int32"),
        "ignored": np.array([np.zeros(count) if ignored is None else ignored], bool),
        "known": np.ones((1, num_classes), bool),
    }


@pytest.fixture(scope="module")
def flat_raw():
    """Predictions of a network that has learned nothing: small boxes, low scores."""
    return {
        "box_ltrb": np.full((1, len(POINTS), 4), 1.3, "float32"),
        "class_logits": np.full((1, len(POINTS), 3), -4.6, "float32"),
        "objectness_logits": np.full((1, len(POINTS), 1), -4.6, "float32"),
    }


def said(found):
    """Return the targets as NumPy arrays by name, without what has no quality."""
    arrays = {name: getattr(found, name) for name in FIELDS}
    return {name: np.asarray(array) for name, array in arrays.items() if array is not None}


def equal(found, expected):
    """Assert that two targets are the same; boxes where they mean something."""
    found, expected = said(found), said(expected)
    assert found.keys() == expected.keys()
    for name in found.keys() - {"boxes", "quality"}:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
    positive = expected["positive"]
    np.testing.assert_array_equal(found["boxes"][positive], expected["boxes"][positive])
    if "quality" in found:
        np.testing.assert_allclose(found["quality"], expected["quality"], rtol=1e-5)


def lonely_boxes(count):
    """Return boxes of an eighth of a pixel to the whole image, one for each of many images."""
    generator = np.random.default_rng(0)
    sides = np.minimum(2 ** generator.uniform(-3, 6.7, (count, 2)), (96, 64))
    start = generator.uniform(0, 1, (count, 2)) * (np.array([96, 64]) - sides)
    # Half of them on whole pixels, where points and borders meet; many at the border.
    start[::2] = np.round(start[::2])
    sides[::2] = np.minimum(np.maximum(np.round(sides[::2]), 1), (96, 64) - start[::2])
    return np.concatenate([start, start + sides], axis=1).astype("float32")


def test_every_object_gets_a_point_and_none_out_of_its_reach(assigner, flat_raw):
    boxes = lonely_boxes(400)
    truth = {name: np.repeat(value, 400, axis=0) for name, value in truth_of([0] * 4).items()}
    raw = {kind: np.repeat(value, 400, axis=0) for kind, value in flat_raw.items()}
    found = said(assigner({**truth, "boxes": boxes[:, None]}, raw))
    image, place = np.nonzero(found["positive"])
    assert set(image) == set(range(400))
    np.testing.assert_array_equal(found["boxes"][image, place], boxes[image])
    # Inside, or of a box smaller than a cell the nearest point.
    off = np.abs(POINTS[place] - (boxes[image, :2] + boxes[image, 2:]) / 2)
    half = (boxes[image, 2:] - boxes[image, :2]) / 2
    assert (off <= np.maximum(half, POINT_STRIDES[place, None] / 2) + 1e-4).all()


def test_padding_is_nobody(assigner, flat_raw):
    box = [0, 0, 40, 40]
    found = said(assigner(truth_of([box, box], [-1, -1], [False, True]), flat_raw))
    assert not found["positive"].any()
    assert not found["ignored"].any()
    assert (found["labels"] == -1).all()


def test_no_boxes_at_all(assigner, flat_raw):
    found = said(assigner(truth_of(np.zeros((0, 4))), flat_raw))
    assert not found["positive"].any()
    assert not found["ignored"].any()


def test_padding_changes_nothing(assigner, random_boxes, random_raw):
    boxes = random_boxes(0, 6)
    raw = random_raw(0, SIZE, STRIDES, boxes, 3)
    padded = np.concatenate([boxes, np.zeros((2, 4)), [[0, 0, 96, 64]]])
    equal(
        assigner(truth_of(padded, [0, 1, 2, 0, 1, 2, -1, -1, -1]), raw),
        assigner(truth_of(boxes, [0, 1, 2, 0, 1, 2]), raw),
    )


def test_regions_are_no_objects_and_ask_nothing_but_of_objects(assigner, flat_raw):
    region, box = [0, 0, 40, 64], [10, 10, 26, 26]
    found = said(assigner(truth_of([region, box], [0, 1], [True, False]), flat_raw))
    inside = POINTS[:, 0] <= 40
    positive = found["positive"][0]
    assert positive.any()
    assert set(found["labels"][0, positive]) == {1}
    np.testing.assert_array_equal(found["ignored"][0], inside & ~positive)
    # A region between the points silences the nearest, on every level.
    found = said(assigner(truth_of([[31, 31, 31.5, 31.5]], ignored=[True]), flat_raw))
    assert POINTS[found["ignored"][0]].tolist() == [[30, 30], [28, 28], [24, 24]]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_objects_does_not_matter(assigner, random_boxes, random_raw, seed):
    # No two are alike, so that nothing is a tie.
    generator = np.random.default_rng(seed)
    boxes = random_boxes(seed, 10) * generator.uniform(0.9, 1, (10, 1)).astype("float32")
    assert len(set(box_geometry.area(boxes))) == 10
    labels, ignored = np.arange(10) % 3, np.arange(10) == 4
    raw = random_raw(seed, SIZE, STRIDES, boxes, 3)
    order = generator.permutation(10)
    equal(
        assigner(truth_of(boxes[order], labels[order], ignored[order]), raw),
        assigner(truth_of(boxes, labels, ignored), raw),
    )


@pytest.fixture(scope="module")
def batch(random_boxes, random_raw):
    """Three images: objects and a region, few objects, none; and raw predictions."""
    boxes = np.stack([random_boxes(seed, 7) for seed in range(3)])
    raws = [random_raw(seed, SIZE, STRIDES, boxes[seed], 3) for seed in range(3)]
    truth = {
        "boxes": boxes,
        "labels": np.array([[0, 1, 2, 0, 1, 2, 0], [2, 1, -1, -1, -1, -1, -1], [-1] * 7], "int32"),
        "ignored": np.array([[False] * 6 + [True], [False] * 7, [False] * 7]),
        "known": np.array([[True, True, True], [False, True, True], [True, False, False]]),
    }
    return truth, {kind: np.concatenate([raw[kind] for raw in raws]) for kind in raws[0]}


def test_a_batch_is_its_images(assigner, batch):
    truth, raw = batch
    together = said(assigner(truth, raw))
    np.testing.assert_array_equal(assigner(truth, raw).known, truth["known"])
    for image in range(3):
        only = slice(image, image + 1)
        alone = said(
            assigner(
                {name: value[only] for name, value in truth.items()},
                {kind: value[only] for kind, value in raw.items()},
            )
        )
        for name, value in alone.items():
            np.testing.assert_allclose(together[name][only], value, rtol=1e-5, err_msg=name)


def test_shapes_may_be_unknown_in_a_graph(assigner, batch):
    truth, raw = batch

    def spec(like, dynamic):
        return {
            name: tf.TensorSpec([None] * dynamic + list(value.shape[dynamic:]), value.dtype)
            for name, value in like.items()
        }

    def arrays(targets):
        return {name: value for name in FIELDS if (value := getattr(targets, name)) is not None}

    graph = tf.function(
        lambda truth, raw: arrays(assigner(truth, raw)),
        input_signature=[{**spec(truth, 2), **spec({"known": truth["known"]}, 1)}, spec(raw, 1)],
    )
    expected = said(assigner(truth, raw))
    for name, value in graph(truth, raw).items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-5, err_msg=name)


def test_the_points_are_those_of_the_levels(assigner, batch):
    found = assigner(*batch)
    np.testing.assert_array_equal(found.points, POINTS)
    np.testing.assert_array_equal(found.strides, POINT_STRIDES)
    np.testing.assert_array_equal(assigner.points, POINTS)
    np.testing.assert_array_equal(assigner.point_strides, POINT_STRIDES)


def test_no_gradient_passes(assigner, batch):
    truth, raw = batch
    raw = {kind: tf.constant(value) for kind, value in raw.items()}
    with tf.GradientTape() as tape:
        tape.watch(raw)
        found = assigner(truth, raw)
        total = tf.reduce_sum(found.boxes)
        if found.quality is not None:
            total += tf.reduce_sum(found.quality)
    assert all(value is None for value in tape.gradient(total, raw).values())


@keras.saving.register_keras_serializable(package="edgedet-tests")
class Small(Detector):
    """Says all that a head can say, on three levels."""

    kinds = ("class_logits", "box_raw", "quality_logits", "objectness_logits", "box_log_variance")
    size_ranges = SIZE_RANGES

    def __init__(self, **kwargs):
        images = keras.Input((*SIZE, 3))
        features, outputs = conv(images, 8, stride=2, name="stem"), {}
        for level in ("p2", "p3", "p4"):
            features = conv(features, 8, stride=2, name=level)
            outputs |= dense_head(features, 3, 8, level, self.kinds)
        network = keras.Model(images, outputs)
        super().__init__(network, SIZE, STRIDES, ("a", "b", "c"), **kwargs)


@pytest.mark.slow
def test_a_detector_learns_with_it(assigner, batch):
    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).uniform(0, 1, (3, *SIZE, 3)).astype("float32")
    whole = {"images": images, **batch[0]}
    # The second batch has fewer objects: their number is unknown to the graph.
    few = {
        name: value[:, :3]
        for name, value in whole.items()
        if name in ("boxes", "labels", "ignored")
    }
    batches = [whole, {**whole, **few}]
    signature = {
        name: tf.TensorSpec([None, None, *value.shape[2:]], value.dtype)
        for name, value in whole.items()
    }
    signature["images"] = tf.TensorSpec([None, *images.shape[1:]], tf.float32)
    signature["known"] = tf.TensorSpec([None, 3], tf.bool)
    source = tf.data.Dataset.from_generator(lambda: iter(batches * 10), output_signature=signature)
    model = Small()
    model.compile(keras.optimizers.SGD(0.01, 0.9, global_clipnorm=5.0), assigner=assigner)
    history = model.fit(source.repeat(), steps_per_epoch=20, epochs=3, verbose=0, shuffle=False)
    losses = history.history
    assert losses.keys() == {"loss", "class", "box", "quality", "objectness", "log_variance"}
    assert all(np.isfinite(value).all() for value in losses.values())
    assert losses["loss"][-1] < losses["loss"][0]
    assert 0 < losses["box"][-1] < losses["box"][0]
