import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageDraw

from edgedet.budgets import BUDGETS
from edgedet.data.pipeline import batches
from edgedet.data.record import Dataset, Record
from edgedet.errors import ModelError
from edgedet.export import export
from edgedet.geometry import ltrb
from edgedet.geometry.points import grid_points
from edgedet.metrics import mean_average_precision
from edgedet.models import MODELS, Nexus
from edgedet.models.fusion import FUSIONS
from edgedet.runtime import EdgeDetector
from edgedet.runtime.decode import Decoder
from edgedet.training.adamw import AdamW

# What a cell says, and how many cells the levels have.
KINDS = {"class_logits": 20, "box_raw": 4, "quality_logits": 1, "box_log_variance": 4}
CELLS = {"p3": 40, "p4": 20, "p5": 10}
STRIDES = {"p3": 8, "p4": 16, "p5": 32}
POINTS = 40 * 40 + 20 * 20 + 10 * 10
# Left free for the object memory that videos need.
MEMORY = 60_000


def images(count=1, size=(320, 320), seed=0):
    return np.random.default_rng(seed).uniform(0, 1, (count, *size, 3)).astype("float32")


def test_levels_and_names(nexus):
    expected = {
        f"{level}_{kind}": (None, cells, cells, channels)
        for level, cells in CELLS.items()
        for kind, channels in KINDS.items()
    }
    assert {name: tensor.shape for name, tensor in nexus.network.output.items()} == expected
    assert nexus.network.input_shape == (None, 320, 320, 3)


def test_the_manifest_says_so(nexus):
    manifest = nexus.manifest()
    assert MODELS[manifest.model] is Nexus
    assert set(manifest.tensors) == set(nexus.network.output)
    assert manifest.kinds == tuple(KINDS)
    assert [(level.name, level.stride) for level in manifest.levels] == list(STRIDES.items())
    assert (manifest.input_size, manifest.bands) == ((320, 320), 3)


def test_twenty_classes_are_vocs_in_cocos_spelling(nexus):
    assert nexus.class_names == (
        "airplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
        "dining table", "dog", "horse", "motorcycle", "person", "potted plant", "sheep", "couch",
        "train", "tv",
    )  # fmt: skip


def test_other_classes():
    eighty = Nexus(80, (64, 64)).class_names
    # COCO's first, one of the middle and the last.
    assert (len(eighty), eighty[0], eighty[39], eighty[-1]) == (
        80,
        "person",
        "bottle",
        "toothbrush",
    )
    assert Nexus(num_classes=2, input_size=(64, 64)).class_names == ("class 0", "class 1")
    named = Nexus(input_size=(64, 64), class_names=["cat", "dog", "cow"])
    assert named.class_names == ("cat", "dog", "cow")
    assert named.network.output["p5_class_logits"].shape == (None, 2, 2, 3)


def test_raw_outputs(nexus):
    raw = nexus(images(2))
    assert {name: tuple(value.shape) for name, value in raw.items()} == {
        "class_logits": (2, POINTS, 20),
        "box_ltrb": (2, POINTS, 4),
        "quality_logits": (2, POINTS, 1),
        "box_log_variance": (2, POINTS, 4),
    }
    assert np.min(raw["box_ltrb"]) >= 0


def test_a_fresh_model_expects_nothing(nexus):
    scores = 1 / (1 + np.exp(-np.asarray(nexus(images())["class_logits"])))
    assert scores.mean() == pytest.approx(0.01, abs=0.002)


@pytest.mark.parametrize(
    ("level", "row", "column", "label"), [("p3", 5, 38, 0), ("p4", 3, 15, 7), ("p5", 8, 1, 19)]
)
def test_a_hot_cell_is_one_box_around_it(nexus, level, row, column, label):
    # Rows, columns, channels and levels keep their meaning, for the loss and for the device.
    distances = np.array([1.0, 2.0, 0.5, 1.5], "float32")  # In strides; all different.
    outputs = {
        f"{level}_{kind}": np.full((1, CELLS[level], CELLS[level], channels), -9.0, "float32")
        for level in CELLS
        for kind, channels in KINDS.items()
    }
    outputs[f"{level}_class_logits"][0, row, column, label] = 9.0
    outputs[f"{level}_quality_logits"][0, row, column] = 9.0
    # What `activate` turns into the distances.
    outputs[f"{level}_box_raw"][0, row, column] = np.log(np.expm1(distances))
    outputs[f"{level}_box_log_variance"][0, row, column] = np.log([1.0, 4.0, 9.0, 16.0])
    x, y, stride = column + 0.5, row + 0.5, STRIDES[level]
    expected = np.array([x - 1.0, y - 2.0, x + 0.5, y + 1.5]) * stride

    found = Decoder(nexus.manifest(), min_score=0.5)(outputs)
    np.testing.assert_allclose(found.boxes, [expected], atol=1e-3)
    np.testing.assert_array_equal(found.labels, [label])
    np.testing.assert_allclose(found.box_std, [np.array([1, 2, 3, 4]) * stride], rtol=1e-5)

    answering = types.SimpleNamespace(
        network=lambda images, training: outputs, strides=nexus.strides, kinds=nexus.kinds
    )
    raw = {name: np.asarray(value[0]) for name, value in Nexus.call(answering, None).items()}
    place, hot = np.unravel_index(raw["class_logits"].argmax(), raw["class_logits"].shape)
    assert hot == label and raw["quality_logits"][place] == 9.0
    points, strides = grid_points(nexus.input_size, nexus.strides)
    box = ltrb.decode(raw["box_ltrb"][place], points[place], strides[place])
    np.testing.assert_allclose(box, expected, atol=1e-3)


def test_gradient_reaches_every_weight():
    keras.utils.set_random_seed(0)
    model = Nexus(input_size=(64, 64))
    with tf.GradientTape() as tape:
        raw = model(images(2, (64, 64)), training=True)
        loss = sum(tf.reduce_sum(value**2) for value in raw.values())
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None and np.any(gradient), variable.path


def pathways(network, level):
    """Return what enters the fusion of a level: "what" and "where", Keras tensors."""
    what, _ = network.get_layer(f"{level}_add").input
    where, _ = network.get_layer(f"{level}_gated").input
    return what, where


def influence(network, features):
    """Return (rows, columns) of the pixels that the middle cell of a feature map depends on."""
    part = keras.Model(network.input, features)
    pixels = tf.constant(images())
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        cells = part(pixels)
        middle = cells.shape[1] // 2
        generator = np.random.default_rng(0)
        value = tf.reduce_sum(cells[0, middle, middle] * generator.normal(size=cells.shape[-1]))
    moved = np.any(tape.gradient(value, pixels)[0], axis=-1)
    return [int(np.ptp(np.flatnonzero(moved.any(axis=axis))) + 1) for axis in (1, 0)]


@pytest.mark.parametrize(("level", "around"), [("p3", 30), ("p4", 46), ("p5", 78)])
def test_where_sees_a_few_cells_and_what_sees_the_scene(nexus, level, around):
    # Each layer adds (kernel - 1) times the stride that it reads at. The stem: 6, then 6 + 2 * 4.
    # Where: a block at 8, then halving at 8 and at 16: 14 + 16 = 30, 46, 78. What: halving at 8,
    # a block at 16, halving at 16, two blocks at 32: 14 + 16 + 32 + 32 + 64 + 64 = 222.
    what, where = pathways(nexus.network, level)
    assert influence(nexus.network, where) == [around, around]
    assert influence(nexus.network, what) == [222, 222]


def test_gates_are_between_0_and_1_and_differ(nexus):
    for level in CELLS:
        gate = nexus.network.get_layer(f"{level}_gate").output
        assert gate.shape == (None, 1, 1, 64)
        found = np.asarray(keras.Model(nexus.network.input, gate)(images(2)))
        assert found.min() >= 0 and found.max() <= 1
        assert len(np.unique(found)) > 64


@pytest.mark.parametrize("fusion", [*FUSIONS, "none"])
def test_the_budget(fusion, cost):
    parameters, macs = cost(Nexus(fusion=fusion).network)
    budget = BUDGETS["nexus"]
    assert not budget.exceeded({"parameters": parameters + MEMORY, "macs": macs})


def test_the_budget_holds_80_classes_too(cost):
    parameters, macs = cost(Nexus(80).network)
    assert not BUDGETS["nexus"].exceeded({"parameters": parameters + MEMORY, "macs": macs})


def test_a_single_pathway_costs_the_same(nexus, cost):
    single = Nexus(fusion="none").network
    assert not [layer.name for layer in single.layers if "gate" in layer.name]
    for ours, its in zip(cost(nexus.network), cost(single), strict=True):
        assert its == pytest.approx(ours, rel=0.005)


@pytest.mark.parametrize("size", [(64, 96), (320, 320)])
def test_it_survives_a_round_trip_through_a_file(tmp_path, size):
    model = Nexus(input_size=size, class_names=("cat", "dog"), fusion="constant", memory_size=32)
    path = tmp_path / "nexus.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert isinstance(loaded, Nexus)
    assert loaded.manifest() == model.manifest()
    assert loaded.get_config() == model.get_config()
    assert (loaded.fusion, loaded.memory_size) == ("constant", 32)
    for name, value in model(images(2, size)).items():
        np.testing.assert_array_equal(loaded(images(2, size))[name], value, err_msg=name)


@pytest.mark.parametrize("size", [(100, 100), (320, 300), (0, 0)])
def test_other_sizes_are_refused(size):
    with pytest.raises(ModelError, match="Nexus: expected .* multiples of 32"):
        Nexus(input_size=size)


SHAPES = ("disc", "square", "triangle")


def draw_shapes(generator, background):
    """Draw up to four shapes, each in a quarter of its own; return the image and a row for each.

    A row is x1, y1, x2, y2, label.
    """
    picture = Image.fromarray(background // 3)
    pen = ImageDraw.Draw(picture)
    half = len(background) // 2
    rows = []
    for quarter in generator.permutation(4)[: generator.integers(2, 5)]:
        side = int(generator.integers(20, half - 4))
        corner = np.array([quarter % 2, quarter // 2]) * half
        x, y = corner + generator.integers(0, half - side + 1, 2)
        label = int(generator.integers(len(SHAPES)))
        colour = tuple(map(int, generator.integers(140, 256, 3)))
        box = [int(x), int(y), int(x + side - 1), int(y + side - 1)]
        if SHAPES[label] == "disc":
            pen.ellipse(box, fill=colour)
        elif SHAPES[label] == "square":
            pen.rectangle(box, fill=colour)
        else:
            pen.polygon([box[0], box[3], box[2], box[3], (box[0] + box[2]) // 2, box[1]], colour)
        rows.append([x, y, x + side, y + side, label])
    return picture, np.array(rows)


@pytest.fixture
def shapes(tmp_path, clutter):
    """Eight images of 160 x 160 pixels with two to four shapes each."""
    generator = np.random.default_rng(0)
    records = []
    for number in range(8):
        picture, rows = draw_shapes(generator, clutter(number, (160, 160)))
        path = tmp_path / f"{number}.png"
        picture.save(path)
        boxes, labels = rows[:, :4].astype("float32"), rows[:, 4].astype("int32")
        records.append(Record(path, boxes, labels, np.zeros(len(rows), bool), number))
    return Dataset(records, SHAPES, (1, 2, 3), "shapes")


@pytest.mark.slow
def test_it_can_learn_eight_images_by_heart(shapes, tmp_path):
    keras.utils.set_random_seed(0)
    model = Nexus(input_size=(160, 160), class_names=SHAPES)
    steps = 240
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    model.compile(AdamW(rate))
    batch = batches(shapes, model.input_size, 8).cache().repeat(steps)
    model.fit(batch, epochs=1, shuffle=False, verbose=0)

    path = tmp_path / "nexus-160-int8.tflite"
    export(model, path, "int8", [shapes])
    detect = EdgeDetector.load(path, min_score=0.05)
    found = [detect(np.asarray(Image.open(record.image))) for record in shapes.records]
    assert mean_average_precision(found, shapes.records, len(SHAPES)) > 0.95
