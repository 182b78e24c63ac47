"""Gates: what is multiplied by a sigmoid, and the product, keep nearly the steps they had."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.export.convert import convert
from edgedet.export.model_file import kind_of, unpack
from edgedet.export.portable import portable
from edgedet.export.portable.steps import KIND
from edgedet.quantization import observe, quantize_aware


def gated_network():
    images = keras.Input((16, 16, 3))
    features = layers.ReLU(6.0, name="features")(layers.Conv2D(8, 3, padding="same")(images))
    context = layers.GlobalAveragePooling2D(keepdims=True)(features)
    gate = layers.Conv2D(8, 1, activation="sigmoid")(context)
    product = layers.Multiply(name="product")([features, gate])
    return keras.Model(images, {"p2_box_raw": layers.Conv2D(4, 1)(product)})


@pytest.fixture(scope="module")
def rounding():
    keras.utils.set_random_seed(0)
    made = quantize_aware(gated_network())
    observe(made, [np.random.default_rng(0).uniform(0, 1, (4, 16, 16, 3)).astype("float32")])
    return made


@pytest.mark.parametrize("share", [1.0, 0.9, 0.72, 0.7, 0.52, 0.51, 0.49, 0.3])
def test_neither_loses_half_a_bit(rounding, share):
    for name, high in (("features", 6.0), ("product", 6.0 * share)):
        layer = rounding.get_layer(f"{name}_range")
        layer.high.assign(np.full(layer.sites, high))
    model = unpack(portable(convert(rounding, "int8").content))
    (graph,) = model.subgraphs
    [gate] = [operator for operator in graph.operators if kind_of(model, operator) == KIND.MUL]
    steps = [graph.tensors[int(i)].quantization.scale[0] for i in (*gate.inputs, *gate.outputs)]
    features, product = max(steps[:2]) * 255 / 6, steps[2] * 255 / (6 * share)
    assert 0.999 < features < 1.42 and 0.999 < product < 1.42
    assert min(features, product) < 1.01
    # What makes them alike everywhere: a power of two apart.
    powers = np.log2(max(steps[:2]) / steps[2])
    assert powers == pytest.approx(round(powers), abs=1e-4)
