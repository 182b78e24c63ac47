"""The rewritten network: what it shares with the one that it is made of, and how it learns."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from edgedet.errors import ModelError
from edgedet.quantization import COMPUTES, RULES, observe, quantize_aware, ranges_of
from edgedet.quantization.observing import require_observed

IMAGES = np.random.default_rng(0).uniform(0, 1, (4, 16, 16, 3)).astype("float32")


def block(inputs, filters, stride=1, name=None):
    outputs = layers.Conv2D(
        filters, 3, stride, padding="same", use_bias=False, name=f"{name}_conv"
    )(inputs)
    return layers.ReLU(6.0)(layers.BatchNormalization(name=f"{name}_norm")(outputs))


def small_network(seed=0):
    """Return a network with two heads, a residual, a gate and a concatenation."""
    keras.utils.set_random_seed(seed)
    images = keras.Input((16, 16, 3), name="images")
    stem = block(images, 8, 2, name="stem")
    space = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="space")(stem)
    features = layers.ReLU(6.0)(layers.Add()([stem, layers.BatchNormalization()(space)]))
    mean = layers.GlobalAveragePooling2D(keepdims=True)(features)
    gate = layers.Conv2D(8, 1, activation="sigmoid", name="gate")(mean)
    gated = layers.Multiply()([features, gate])
    both = layers.Concatenate()([gated, block(gated, 4, name="side")])
    outputs = {
        "far": layers.Conv2D(2, 1, name="far")(layers.MaxPooling2D(2)(both)),
        "near": layers.Conv2D(3, 1, name="near")(both),
    }
    network = keras.Model(images, outputs, name="small")
    unsettle(network)
    return network


def unsettle(network):
    generator = np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.4, 1.5, w.shape) for w in layer.weights])


def weights_by_end(network):
    """Return weights by the last two parts of their paths, without those of ranges."""
    ends = {}
    for weight in network.weights:
        ends["/".join(weight.path.split("/")[-2:])] = weight.numpy()
    return {end: value for end, value in ends.items() if "_range/" not in end}


@pytest.fixture(scope="module")
def network():
    return small_network()


@pytest.fixture(scope="module")
def rewritten(network):
    made = quantize_aware(network)
    observe(made, [IMAGES])
    return made


def test_it_has_the_names_and_the_weights_of_the_network(network, rewritten):
    assert rewritten.name == network.name
    assert [tensor.name for tensor in rewritten.inputs] == ["images"]
    assert rewritten.output_shape == network.output_shape
    expected, found = weights_by_end(network), weights_by_end(rewritten)
    assert found.keys() == expected.keys()
    for end, value in expected.items():
        np.testing.assert_array_equal(found[end], value, err_msg=end)


def test_the_network_is_not_changed(network):
    before = {name: value.numpy() for name, value in network(IMAGES).items()}
    made = quantize_aware(network)
    for weight in made.weights:
        weight.assign(weight + 1)
    for name, value in network(IMAGES).items():
        np.testing.assert_array_equal(value, before[name])


def test_it_answers_nearly_as_the_network_on_a_grid_of_256_steps(network, rewritten):
    found = rewritten(IMAGES)
    for name, expected in network(IMAGES).items():
        spread = np.ptp(expected)
        assert 0 < np.abs(found[name] - expected).max() < 0.05 * spread
        assert len(np.unique(found[name])) <= 256


@pytest.mark.parametrize("options", [{}, {"learned": True}, {"norm_steps": 50}])
def test_it_learns(network, options):
    made = quantize_aware(network, **options)
    truth = {name: value - 1.0 for name, value in network(IMAGES).items()}
    optimizer = keras.optimizers.Adam(0.01)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            found = made(IMAGES, training=True)
            loss = sum(tf.reduce_mean((found[name] - truth[name]) ** 2) for name in truth)
        optimizer.apply(tape.gradient(loss, made.trainable_variables), made.trainable_variables)
        return loss

    optimizer.build(made.trainable_variables)
    losses = [float(step()) for _ in range(30)]
    assert losses[-1] < 0.3 * losses[0]


def test_gradients_reach_every_trainable_variable(network):
    made = quantize_aware(network, learned=True)
    for layer in ranges_of(made):
        if not layer.fixed:
            layer.observed.assign(np.full(layer.sites, 1000))
            layer.low.assign(np.full(layer.sites, -0.5))
            layer.high.assign(np.full(layer.sites, 0.5))
    with tf.GradientTape() as tape:
        loss = sum(tf.reduce_sum(value**2) for value in made(IMAGES, training=True).values())
    for variable, gradient in zip(
        made.trainable_variables, tape.gradient(loss, made.trainable_variables), strict=True
    ):
        assert gradient is not None and np.any(gradient), variable.path


def test_it_can_be_saved(rewritten, tmp_path):
    rewritten.save(tmp_path / "rewritten.keras")
    loaded = keras.models.load_model(tmp_path / "rewritten.keras")
    found = loaded(IMAGES)
    for name, value in rewritten(IMAGES).items():
        np.testing.assert_array_equal(found[name], value)
    assert [weight.path for weight in loaded.weights] == [
        weight.path for weight in rewritten.weights
    ]


def test_what_was_learned_of_ranges_is_saved_too(network, tmp_path):
    made = quantize_aware(network, learned=True, norm_steps=3)
    for _ in range(2):
        made(IMAGES, training=True)
    made.save(tmp_path / "made.keras")
    loaded = keras.models.load_model(tmp_path / "made.keras")
    for weight, again in zip(made.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(again, weight, err_msg=weight.path)
    np.testing.assert_allclose(
        loaded(IMAGES, training=True)["far"], made(IMAGES, training=True)["far"], atol=1e-6
    )


def test_observing_changes_ranges_only(network):
    made = quantize_aware(network, norm_steps=50)
    before = weights_by_end(made)
    observe(made, [IMAGES, IMAGES / 2])
    assert weights_by_end(made).keys() == before.keys()
    for end, value in weights_by_end(made).items():
        np.testing.assert_array_equal(value, before[end], err_msg=end)
    assert all(layer.fixed or (layer.observed.numpy() == 2).all() for layer in ranges_of(made))
    assert not any(layer.observer for layer in ranges_of(made))


def test_a_range_that_nobody_has_observed_is_named(network, rewritten):
    require_observed(rewritten)
    with pytest.raises(ModelError, match=r"'\w+_range'.* not been observed.\n.*observe\("):
        require_observed(quantize_aware(network))


def test_networks_inside_with_equal_names_are_told_apart():
    def branch(seed):
        keras.utils.set_random_seed(seed)
        inputs = keras.Input((16, 16, 3))
        return keras.Model(inputs, block(inputs, 4, name="same"))

    images = keras.Input((16, 16, 3))
    outputs = layers.Add()([branch(0)(images), branch(1)(images)])
    network = keras.Model(images, outputs)
    made = quantize_aware(network)
    observe(made, [IMAGES])
    expected = network(IMAGES).numpy()
    np.testing.assert_allclose(made(IMAGES), expected, atol=0.05 * np.ptp(expected))


def test_a_network_of_half_precision_is_rewritten_in_full():
    images = keras.Input((16, 16, 3))
    features = layers.Conv2D(4, 3, dtype="mixed_float16")(images)
    made = quantize_aware(keras.Model(images, layers.ReLU(dtype="mixed_float16")(features)))
    assert {layer.compute_dtype for layer in made.layers} == {"float32"}


@keras.saving.register_keras_serializable(package="edgedet-tests")
class Own(layers.Layer):
    def call(self, inputs):
        return inputs * 2.0


def test_a_layer_of_ones_own_needs_a_rule(monkeypatch):
    images = keras.Input((16, 16, 3))
    network = keras.Model(images, Own(name="own")(images))
    with pytest.raises(ModelError, match=r"'own' \(Own\).*\n.*RULES\[Own\] = COMPUTES"):
        quantize_aware(network)

    monkeypatch.setitem(RULES, Own, COMPUTES)
    made = quantize_aware(network)
    observe(made, [IMAGES])
    np.testing.assert_allclose(made(IMAGES), 2 * IMAGES, atol=0.01)


def test_inputs_of_another_range():
    inputs = keras.Input((16, 16, 3))
    network = keras.Model(inputs, layers.MaxPooling2D(2)(inputs))
    made = quantize_aware(network, input_range=(-1.0, 1.0))
    np.testing.assert_allclose(made(-IMAGES), network(-IMAGES), atol=1 / 255)
    observed = quantize_aware(network, input_range=None)
    observe(observed, [100 * IMAGES])
    np.testing.assert_allclose(observed(100 * IMAGES), network(100 * IMAGES), atol=0.2)
