"""Gates: what is multiplied by a sigmoid, and the product, keep nearly the steps they had."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.export.convert import convert
from edgedet.export.model_file import kind_of, unpack
from edgedet.export.portable import make_portable
from edgedet.export.portable.steps import KIND
from edgedet.quantization import observe, quantize_aware


def rounding(gated):
    """Return a network that rounds, of features from 0 to 6 and what `gated` makes of them."""
    keras.utils.set_random_seed(0)
    images = keras.Input((16, 16, 3))
    features = layers.ReLU(6.0, name="features")(layers.Conv2D(8, 3, padding="same")(images))
    last = layers.Conv2D(4, 1)(gated(features))
    made = quantize_aware(keras.Model(images, {"p2_box_raw": last}))
    observe(made, [np.random.default_rng(0).uniform(0, 1, (4, 16, 16, 3)).astype("float32")])
    return made


def gate(features, name):
    context = layers.GlobalAveragePooling2D(keepdims=True)(features)
    share = layers.Conv2D(8, 1, activation="sigmoid")(context)
    return layers.Multiply(name=name)([features, share])


def two(features):
    first, second = gate(features, "first"), gate(features, "second")
    return layers.Conv2D(8, 1)(first) + layers.Conv2D(8, 1)(second)


def chain(features):
    return gate(gate(features, "first"), "second")


def of_a_sum(features):
    branch = layers.Conv2D(8, 1)(features)
    return gate(layers.ReLU(6.0, name="total")(layers.Add()([features, branch])), "first")


def steps_of(made, **highs):
    """Convert with ranges up to `highs`, by layer; return the (source, product) of each gate.

    Each as a share of the step that it had, and then what is between them, in powers of two.
    """
    for name, high in highs.items():
        layer = made.get_layer(f"{name}_range")
        layer.low.assign(np.zeros(layer.sites))
        layer.high.assign(np.full(layer.sites, high))
    content = convert(made, "int8").content
    old, new = unpack(content), unpack(content)
    make_portable(new)
    rows = []
    for before, after in zip(*map(products, (old, new)), strict=True):
        powers = np.log2(after[0] / after[1])
        rows.append((after[0] / before[0], after[1] / before[1], powers))
    return rows


def products(model):
    (graph,) = model.subgraphs
    for operator in graph.operators:
        if kind_of(model, operator) == KIND.MUL:
            # The sigmoid's step is 1 / 256.
            steps = [float(graph.tensors[int(i)].quantization.scale[0]) for i in operator.inputs]
            [source] = [step for step in steps if step != 1 / 256]
            yield source, float(graph.tensors[int(operator.outputs[0])].quantization.scale[0])


@pytest.fixture(scope="module")
def single():
    return rounding(lambda features: gate(features, "product"))


@pytest.mark.parametrize("share", [1.0, 0.9, 0.72, 0.7, 0.52, 0.51, 0.49, 0.3])
def test_neither_loses_half_a_bit(single, share):
    [(features, product, powers)] = steps_of(single, features=6.0, product=6.0 * share)
    assert 0.999 < features < 1.42 and 0.999 < product < 1.42
    assert min(features, product) < 1.01
    # What makes them alike everywhere: a power of two apart.
    assert powers == pytest.approx(round(powers), abs=1e-5)


@pytest.mark.parametrize("network", [two, chain], ids=lambda make: make.__name__)
@pytest.mark.parametrize("shares", [(0.81, 0.66), (0.66, 0.81), (0.66, 0.62), (1.0, 1.0)])
def test_every_product_is_a_power_of_two_of_its_source(network, shares):
    first, second = shares
    second *= first if network is chain else 1.0
    for *changes, powers in steps_of(
        rounding(network), features=6.0, first=6.0 * first, second=6.0 * second
    ):
        assert powers == pytest.approx(round(powers), abs=1e-5)
        assert all(0.999 < change < 2 for change in changes)


def test_what_is_a_sum_keeps_its_step_for_the_sum():
    [(total, product, powers)] = steps_of(rounding(of_a_sum), total=6.0, first=6.0 * 0.66)
    assert total == pytest.approx(1, abs=0.01) and 1 < product < 2
    assert powers == pytest.approx(round(powers), abs=1e-5)
