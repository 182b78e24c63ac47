import keras
import numpy as np
import pytest

from edgedet.models.blocks import NearestUpsample, bottleneck, conv, separable, upsample_add


def network(block):
    """Return a block as a network on 6 x 8 cells of four channels."""
    inputs = keras.Input((6, 8, 4))
    return keras.Model(inputs, block(inputs))


def test_upsampling_repeats_each_cell():
    cells = np.arange(6, dtype="float32").reshape(1, 2, 3, 1)
    layer = NearestUpsample()
    expected = cells.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_array_equal(layer(cells), expected)
    assert layer.compute_output_shape((None, 2, 3, 7)) == (None, 4, 6, 7)
    copy = NearestUpsample.from_config(layer.get_config())
    np.testing.assert_array_equal(copy(cells), expected)


@pytest.mark.parametrize(
    ("block", "shape", "weights"),
    [
        # Kernels, and four numbers of the norm for each output channel; no biases.
        (lambda x: conv(x, 5, name="a"), (6, 8, 5), 9 * 4 * 5 + 4 * 5),
        (lambda x: conv(x, 5, 1, stride=2, name="a"), (3, 4, 5), 4 * 5 + 4 * 5),
        (lambda x: separable(x, 5, stride=2, name="a"), (3, 4, 5), 9 * 4 + 4 * 5 + 4 * 5),
        (lambda x: bottleneck(x, 2, name="a"), (6, 8, 4), 4 * 2 + 8 + 9 * 2 * 4 + 16),
    ],
)
def test_shapes_and_weights(block, shape, weights):
    built = network(block)
    assert built.output_shape == (None, *shape)
    assert built.count_params() == weights


def test_an_activation_is_bounded_and_none_is_not():
    generator = np.random.default_rng(0)
    images = (100 * generator.normal(0, 1, (1, 6, 8, 4))).astype("float32")
    bounded = network(lambda x: conv(x, 5, name="a"))(images)
    linear = network(lambda x: conv(x, 5, activation=None, name="a"))(images)
    assert np.min(bounded) == 0 and np.max(bounded) == 6
    assert np.min(linear) < 0 and np.max(linear) > 6


def test_coarse_features_are_doubled_and_added():
    coarse, fine = keras.Input((3, 4, 2)), keras.Input((6, 8, 2))
    added = keras.Model([coarse, fine], upsample_add(coarse, fine, name="a"))
    found = added([np.ones((1, 3, 4, 2)), np.full((1, 6, 8, 2), 2)])
    np.testing.assert_array_equal(found, np.full((1, 6, 8, 2), 3))
