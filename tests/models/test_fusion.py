import keras
import numpy as np
import pytest

from edgedet.models.fusion import FUSIONS, SUMMARY, ConstantGate, summarize

# The sigmoid of it is 3 / 4.
LOGIT = float(np.log(3))
GATED = ["context", "place", "constant"]


def network(form):
    """Return a form of fusion as a network on 4 x 6 cells of two channels."""
    inputs = keras.Input((4, 6, 2)), keras.Input((4, 6, 2)), keras.Input((1, 1, SUMMARY))
    return keras.Model(inputs, FUSIONS[form](*inputs, name="p3"))


def inputs(seed=0):
    generator = np.random.default_rng(seed)
    shapes = (3, 4, 6, 2), (3, 4, 6, 2), (3, 1, 1, SUMMARY)
    return [generator.normal(0, 2, shape).astype("float32") for shape in shapes]


def gates(built, values):
    """Return the gates that multiply "where", as wide as it is."""
    layer = built.get_layer("p3_gate")
    if isinstance(layer, ConstantGate):
        return np.broadcast_to(layer.gate(), values[1].shape)
    found = keras.Model(built.inputs, layer.output)(values)
    return np.broadcast_to(found, values[1].shape)


@pytest.mark.parametrize("form", GATED)
def test_where_is_added_as_far_as_its_gates_are_open(form):
    built, values = network(form), inputs()
    gate_weights = [w for w in built.weights if "gate" in w.path]
    for number, weight in enumerate(gate_weights):
        weight.assign(np.random.default_rng(number).normal(0, 1, weight.shape))
    open_by = gates(built, values)
    assert (
        len(np.unique(open_by[..., 0].round(5))) == {"context": 3, "place": 72, "constant": 1}[form]
    )
    assert np.abs(open_by[..., 0] - open_by[..., 1]).min() > 0, "a gate for each channel"
    expected = np.clip(values[0] + open_by * values[1], 0, 6)
    np.testing.assert_allclose(built(values), expected, atol=1e-5)


@pytest.mark.parametrize("form", GATED)
@pytest.mark.parametrize("strength", [1, -1, 1e4, -1e4])
def test_a_gate_is_never_below_0_nor_above_1(form, strength):
    built, values = network(form), inputs()
    for weight in built.weights:
        weight.assign(np.full(weight.shape, strength))
    found = gates(built, values)
    assert np.min(found) >= 0 and np.max(found) <= 1
    if abs(strength) > 1 and form == "constant":
        assert np.max(found) == (strength > 0)


@pytest.mark.parametrize("form", GATED)
def test_gates_begin_half_open_and_follow_their_weights(form):
    built, values = network(form), inputs()
    kernels = [w for w in built.weights if "kernel" in w.path]
    for kernel in kernels:
        kernel.assign(np.zeros(kernel.shape))
    np.testing.assert_allclose(gates(built, values), 0.5)
    (bias,) = (w for w in built.weights if "kernel" not in w.path)
    bias.assign([LOGIT, -LOGIT])
    np.testing.assert_allclose(gates(built, values)[0, 0, 0], [0.75, 0.25], rtol=1e-6)


def test_mixing_has_no_gates():
    built = network("mixing")
    assert not [layer.name for layer in built.layers if "gate" in layer.name]
    assert built.output_shape == (None, 4, 6, 2)
    # A 1x1 convolution from both to one, and four numbers of the norm for each channel.
    assert built.count_params() == 4 * 2 + 4 * 2


def test_a_summary_is_the_mean_over_the_image_mixed_and_bounded():
    images = keras.Input((2, 2, SUMMARY))
    built = keras.Model(images, summarize(images, name="summary"))
    layer = built.get_layer("summary_conv")
    layer.set_weights([np.eye(SUMMARY)[None, None], np.zeros(SUMMARY)])
    cells = np.zeros((1, 2, 2, SUMMARY), "float32")
    cells[0, 0, :, :3] = [[8, 80, -8], [0, 80, -8]]
    found = built(cells)
    assert found.shape == (1, 1, 1, SUMMARY)
    # The mean of 8, 0, 0, 0; of 80, 80, 0, 0, cut at 6; and of -8, -8, 0, 0, cut at 0.
    np.testing.assert_allclose(found[0, 0, 0, :4], [2, 6, 0, 0], rtol=1e-6)


def test_constant_gates_survive_a_round_trip_through_a_file(tmp_path):
    built = network("constant")
    built.get_layer("p3_gate").logits.assign([LOGIT, -LOGIT])
    built.save(tmp_path / "gate.keras")
    loaded = keras.models.load_model(tmp_path / "gate.keras")
    np.testing.assert_allclose(loaded.get_layer("p3_gate").gate(), [0.75, 0.25], rtol=1e-6)
