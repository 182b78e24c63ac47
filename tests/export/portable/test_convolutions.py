"""Aligned weights: no sum is half way between two integers, and little is lost."""

import numpy as np
import pytest

from edgedet.export.portable.convolutions import LITTLE, align


@pytest.fixture
def drawn():
    random = np.random.default_rng(0)
    weights = random.normal(0, 0.1, (32, 3, 3, 16)) * random.uniform(0.1, 10, (32, 1, 1, 1))
    return weights, random.normal(0, 5, 32)


def test_weights_are_even_biases_odd_and_sums_are_divided_by_powers_of_two(drawn):
    ratio = 0.7
    weights, bias, steps = align(*drawn, ratio)
    assert (weights % 2 == 0).all() and (bias % 2 == 1).all()
    powers = np.log2(steps / (ratio * (1 - LITTLE)))
    np.testing.assert_allclose(powers, powers.round(), atol=1e-9)


def test_an_odd_sum_of_even_products_is_rounded_alike_in_floats_and_in_two_steps():
    """By hand, all sums that 8 bits can hold, divided by 2^9."""
    sums = np.arange(-(2**17) + 1, 2**17, 2)
    factor = 2.0**-9 * (1 - LITTLE)
    in_floats = np.rint(sums.astype("float32") * np.float32(factor))
    # As gemmlowp does: times a number from 1/2 to 1, rounded; then a shift, rounded away from zero.
    high = np.rint(sums * (1 - LITTLE)).astype(int)
    in_steps = np.sign(high) * (np.abs(high) + 2**8 >> 9)
    np.testing.assert_array_equal(in_floats, in_steps)


def test_little_is_lost(drawn):
    weights, bias, steps = align(*drawn, 0.7)
    values, biases = drawn
    lost = weights * steps[:, None, None, None] - values
    # Seven bits and half of another would lose 1.2 % of what 8 bits of normal numbers hold.
    assert np.sqrt((lost**2).mean() / (values**2).mean()) < 0.025
    assert (np.abs(bias * steps - biases) <= steps).all()


def test_a_few_large_weights_are_cut_off_for_the_sake_of_the_rest():
    values = np.full((1, 1000), 0.01)
    values[0, 0] = 1.1
    weights, _, steps = align(values, np.zeros(1), 1.0)
    assert weights[0, 0] == 126 and 126 * steps[0] < 1.1
    assert weights[0, 1] != 0


def test_a_channel_of_zeros_or_with_a_far_bias_overflows_nothing():
    values = np.array([[0.0, 0.0], [1e-20, 0.0]])
    weights, bias, steps = align(values, np.array([3.0, 1e6]), 1.0)
    assert not weights.any() and np.isfinite(steps).all()
    np.testing.assert_allclose(bias * steps, [3.0, 1e6], rtol=0.01)
