"""Portable files: interpreters with other kernels give the very same integers."""

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from keras import layers

from edgedet.export.convert import convert
from edgedet.export.model_file import kind_of, repack, unpack
from edgedet.export.portable import make_portable
from edgedet.export.portable.means import MEAN
from edgedet.quantization.post_training import quantize_post_training

SIDE = 24
KERNELS = OpResolverType.AUTO, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


def gated_network():
    """All that our detectors add and multiply: residual blocks, a gate, a sum of two scales."""
    keras.utils.set_random_seed(3)
    images = keras.Input((SIDE, SIDE, 3))
    fine = layers.ReLU(6.0)(layers.Conv2D(16, 3, padding="same")(images))
    for _ in range(3):
        branch = layers.DepthwiseConv2D(3, padding="same")(fine)
        branch = layers.Conv2D(16, 1)(layers.ReLU(6.0)(branch))
        fine = layers.ReLU(6.0)(layers.Add()([fine, branch]))
    context = layers.GlobalAveragePooling2D(keepdims=True)(fine)
    gate = layers.Conv2D(16, 1, activation="sigmoid")(context)
    fine = layers.Add()([layers.Conv2D(16, 1)(fine), layers.Multiply()([fine, gate])])
    return keras.Model(images, {"p2_box_raw": layers.Conv2D(4, 1)(fine)})


def network_of_joined(product):
    """Products that are joined and pooled: all of them must keep one step."""
    keras.utils.set_random_seed(5)
    images = keras.Input((SIDE, SIDE, 3))
    first = product(layers.Conv2D(8, 3, padding="same")(images))
    second = product(layers.Conv2D(8, 3, padding="same")(first))
    joined = layers.UpSampling2D()(layers.MaxPooling2D()(layers.Concatenate()([second, first])))
    return keras.Model(images, {"p2_box_raw": layers.Conv2D(4, 1)(joined)})


def gated(features):
    context = layers.GlobalAveragePooling2D(keepdims=True)(features)
    return layers.Multiply()([features, layers.Conv2D(8, 1, activation="sigmoid")(context)])


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (8, SIDE, SIDE, 3), "uint8")


@pytest.fixture(scope="module")
def converted(images):
    return integers(gated_network(), images)


def integers(network, images):
    made = quantize_post_training(network, [images / np.float32(255)], clip=False)
    return convert(made, "int8").content


def answers(content, images, kernels):
    interpreter = Interpreter(
        model_content=content, num_threads=1, experimental_op_resolver_type=kernels
    )
    interpreter.allocate_tensors()
    (source,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    found = []
    for image in images:
        interpreter.set_tensor(source["index"], (image.astype(int) - 128).astype("int8")[None])
        interpreter.invoke()
        found.append(interpreter.get_tensor(result["index"]).astype(int))
    return np.concatenate(found), result["quantization"]


def test_interpreters_agree_bit_for_bit(converted, images):
    fast, plain = (
        answers(repack(converted, make_portable), images, kernels)[0] for kernels in KERNELS
    )
    np.testing.assert_array_equal(fast, plain)


def test_without_it_they_do_not(converted, images):
    fast, plain = (answers(converted, images, kernels)[0] for kernels in KERNELS)
    assert (fast != plain).any()


def test_what_is_computed_stays(converted, images):
    (old, (scale, zero)), (new, (new_scale, new_zero)) = (
        answers(content, images, KERNELS[0])
        for content in (converted, repack(converted, make_portable))
    )
    before, after = (old - zero) * scale, (new - new_zero) * new_scale
    assert np.abs(before - after).mean() < 0.02 * np.ptp(before)


def test_no_mean_is_left(converted):
    model = unpack(converted)
    make_portable(model)
    assert MEAN not in {kind_of(model, operator) for operator in model.subgraphs[0].operators}


@pytest.mark.parametrize(
    # Half as fine gates, of products that share a step, are rounded alike and less exactly.
    ("product", "steps", "share"),
    [(gated, 0, 0.08), (layers.Activation("silu"), 2, 0.015)],
)
def test_products_that_are_joined_are_what_they_were(images, product, steps, share):
    network = network_of_joined(product)
    content = repack(integers(network, images), make_portable)
    found, (scale, zero) = answers(content, images, KERNELS[0])
    apart = (found - zero) * scale - np.asarray(network(images / np.float32(255))["p2_box_raw"])
    # Neither far off nor all to one side.
    assert np.abs(apart).mean() < share * np.ptp(found * scale)
    assert abs(apart.mean()) < share / 3 * np.ptp(found * scale)
    assert np.abs(answers(content, images, KERNELS[1])[0] - found).max() <= steps
