"""Saturation: what a residual block cuts off needs no steps."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.networks.graph import read
from edgedet.quantization import observe, quantize_aware, ranges_of
from edgedet.quantization.folding import fold
from edgedet.quantization.saturation import useful_ranges

INPUTS = np.random.default_rng(0).uniform(0, 1, (4, 8, 8, 3)).astype("float32")


def relu6(inputs):
    return layers.ReLU(6.0)(inputs)


def block(first=relu6, last=relu6, used_again=False):
    """Return a network relu6(x + branch), x = relu6(...), with branches of some 20."""
    keras.utils.set_random_seed(0)
    images = keras.Input((8, 8, 3))
    trunk = first(layers.Conv2D(4, 3, padding="same")(images))
    branch = layers.Conv2D(4, 3, padding="same", name="branch")(trunk)
    outputs = [last(layers.Add()([trunk, branch]))]
    network = keras.Model(images, outputs + [branch] * used_again)
    network.get_layer("branch").kernel.assign(40 * network.get_layer("branch").kernel)
    return network


def limits(network):
    return list(useful_ranges(fold(read(network))).values())


def test_a_branch_that_is_cut_off_is_useful_from_minus_6_to_6():
    assert limits(block()) == [(-6.0, 6.0)]
    assert limits(block(last=layers.Activation("relu6"))) == [(-6.0, 6.0)]


@pytest.mark.parametrize(
    "changes",
    [{"first": layers.ReLU()}, {"last": layers.ReLU()}, {"last": layers.ReLU(5.0)},
     {"used_again": True}],
)  # fmt: skip
def test_not_where_the_trunk_the_sum_or_another_use_is_unbounded(changes):
    assert limits(block(**changes)) == []


def test_a_rewritten_block_answers_finely_though_its_branch_is_far_beyond():
    network = block()
    expected = network(INPUTS)[0].numpy()
    assert np.abs(keras.Model(network.input, network.get_layer("branch").output)(INPUTS)).max() > 18
    made = quantize_aware(network)
    observe(made, [INPUTS])
    (branch,) = (layer for layer in ranges_of(made) if layer.limits)
    assert tuple(map(float, branch.ends())) == (-6.0, 6.0)
    assert float(branch.high[0]) > 18 or float(branch.low[0]) < -18

    copy = type(made).from_config(made.get_config())
    assert [each.limits for each in ranges_of(copy)] == [each.limits for each in ranges_of(made)]
    # 255 steps over 12, so half of one at most.
    values = np.linspace(-6, 6, 1001, dtype="float32")
    assert np.abs(branch(values) - values).max() < 1.01 * 6 / 255
    assert np.abs(made(INPUTS)[0] - expected).mean() < 0.03
