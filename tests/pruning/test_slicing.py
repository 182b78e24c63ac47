"""A layer without some channels has the weights of the others."""

import numpy as np
import pytest
from keras import layers

from edgedet.pruning.slicing import count_learned, sliced

# Of three channels of the input the second goes, of four of the output the first and the last.
INPUTS, OUTPUTS = np.array([True, False, True]), np.array([False, True, True, False])
# Two channels of the output from each of the input.
DOUBLED = np.repeat(INPUTS, 2)
SEPARABLE = layers.SeparableConv2D(4, 5, depth_multiplier=2)


@pytest.mark.parametrize(
    ("layer", "outputs", "shapes", "learned"),
    [
        (layers.Conv2D(4, 5), OUTPUTS, [(5, 5, 2, 2), (2,)], 102),
        (layers.Conv2DTranspose(4, 5), OUTPUTS, [(5, 5, 2, 2), (2,)], 102),
        (layers.Dense(4), OUTPUTS, [(2, 2), (2,)], 6),
        (layers.DepthwiseConv2D(5, depth_multiplier=2), DOUBLED, [(5, 5, 2, 2), (4,)], 104),
        (SEPARABLE, OUTPUTS, [(5, 5, 2, 2), (1, 1, 4, 2), (2,)], 110),
        (layers.BatchNormalization(), INPUTS, [(2,)] * 4, 4),
        (layers.PReLU(shared_axes=(1, 2)), INPUTS, [(1, 1, 2)], 2),
        (layers.ReLU(), INPUTS, [], 0),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_shapes_are_those_that_the_new_layer_has(layer, outputs, shapes, learned):
    layer.build((None, 9, 9, 3))
    made, weights = sliced(layer, INPUTS, outputs)
    assert [weight.shape for weight in weights] == shapes
    assert count_learned(layer, INPUTS, outputs) == learned
    made.build((None, 9, 9, 2))
    assert [tuple(weight.shape) for weight in made.weights] == shapes


def test_a_kernel_keeps_its_rows_and_columns():
    layer = layers.Dense(4)
    layer.build((None, 3))
    layer.set_weights([np.arange(12).reshape(3, 4), np.arange(4)])
    _, (kernel, bias) = sliced(layer, INPUTS, OUTPUTS)
    assert kernel.tolist() == [[1, 2], [9, 10]] and bias.tolist() == [1, 2]
