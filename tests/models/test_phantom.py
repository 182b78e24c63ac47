import keras
import numpy as np
import pytest

from edgedet.budgets import BUDGETS
from edgedet.errors import ModelError
from edgedet.models import MODELS, Phantom

# Class logits and distances on three levels: 32 x 32, 16 x 16 and 8 x 8 cells.
CELLS = {"p2": 32, "p3": 16, "p4": 8}


def test_levels_and_names(phantom):
    expected = {
        f"{level}_{kind}": (None, cells, cells, count)
        for level, cells in CELLS.items()
        for kind, count in (("class_logits", 1), ("box_raw", 4))
    }
    outputs = phantom.network.output
    assert {name: tensor.shape for name, tensor in outputs.items()} == expected
    assert phantom.network.input_shape == (None, 128, 128, 3)


def test_the_manifest_says_so(phantom):
    manifest = phantom.manifest()
    assert manifest.model == "phantom"
    assert MODELS[manifest.model] is Phantom
    assert set(manifest.tensors) == set(phantom.network.output)
    assert [level.stride for level in manifest.levels] == [4, 8, 16]
    assert (manifest.input_size, manifest.bands) == ((128, 128), 3)
    assert manifest.class_names == ("face",)
    assert phantom.manifest(min_score=0.25).min_score == 0.25


def test_raw_outputs(phantom):
    images = np.random.default_rng(0).uniform(0, 1, (2, 128, 128, 3)).astype("float32")
    raw = phantom(images)
    assert {name: tuple(value.shape) for name, value in raw.items()} == {
        "class_logits": (2, 1024 + 256 + 64, 1),
        "box_ltrb": (2, 1024 + 256 + 64, 4),
    }
    assert np.min(raw["box_ltrb"]) >= 0


def test_points_come_in_the_order_of_the_assigner(phantom):
    # One cell of one level is told apart from all others, and found at its place in raw.
    images = np.zeros((1, 128, 128, 3), "float32")
    outputs = {name: np.asarray(value) for name, value in phantom.network(images).items()}
    raw = np.asarray(phantom(images)["class_logits"])[0, :, 0]
    points, strides = phantom.assigner.points, phantom.assigner.point_strides
    for level, stride, (row, column) in [("p2", 4, (5, 30)), ("p3", 8, (9, 2)), ("p4", 16, (7, 1))]:
        place = np.flatnonzero(
            (strides == stride) & (points == np.array([column + 0.5, row + 0.5]) * stride).all(-1)
        ).item()
        assert raw[place] == outputs[f"{level}_class_logits"][0, row, column, 0]


def test_a_fresh_model_expects_nothing(phantom):
    images = np.random.default_rng(0).uniform(0, 1, (4, 128, 128, 3)).astype("float32")
    scores = 1 / (1 + np.exp(-np.asarray(phantom(images)["class_logits"])))
    assert scores.mean() == pytest.approx(0.01, abs=0.002)


def cost(network):
    """Return the parameters, batch norm folded, and the multiply-accumulates of one image."""
    parameters = macs = 0
    for layer in network.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D | keras.layers.Conv2D):
            _, height, width, channels = layer.output.shape
            kernel = int(np.prod(layer.kernel.shape))
            # Folding gives every convolution a bias.
            parameters += kernel + channels
            macs += kernel * height * width
    return parameters, macs


def test_the_budget(phantom):
    parameters, macs = cost(phantom.network)
    budget = BUDGETS["phantom"]
    assert not budget.exceeded({"parameters": parameters, "macs": macs})
    # 13,000 parameters stay free for the tracking parts.
    assert parameters <= budget.parameters - 13_000


def test_counting_by_hand():
    inputs = keras.Input((8, 8, 3))
    wide = keras.layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
    deep = keras.layers.DepthwiseConv2D(3, padding="same")(wide)
    # 3 x 3 x 3 x 4 weights at 16 cells, and 3 x 3 x 4 at 16 cells.
    assert cost(keras.Model(inputs, deep)) == (108 + 4 + 36 + 4, 108 * 16 + 36 * 16)


@pytest.mark.parametrize("size", [(64, 96), (128, 128)])
def test_it_survives_a_round_trip_through_a_file(tmp_path, size):
    # Saving warns of nothing, although the model has seen no image: warnings are errors here.
    model = Phantom(input_size=size, class_names=("face", "hand"), name="mine")
    path = tmp_path / "phantom.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert isinstance(loaded, Phantom)
    assert loaded.manifest() == model.manifest()
    assert (loaded.input_size, loaded.class_names, loaded.name) == (size, ("face", "hand"), "mine")
    images = np.random.default_rng(0).uniform(0, 1, (2, *size, 3)).astype("float32")
    found = loaded(images)
    for name, value in model(images).items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.mark.parametrize("size", [(100, 100), (128, 120), (0, 0)])
def test_other_sizes_are_refused(size):
    with pytest.raises(ModelError, match="multiples of 32"):
        Phantom(input_size=size)
