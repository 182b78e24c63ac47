import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.augment.draws import Draws

SEED = tf.constant([3, 4])


@pytest.mark.parametrize("draw", ["uniform", "normal"])
def test_a_sample_has_its_numbers_whoever_asks(draw):
    whole = getattr(Draws(SEED, 7), draw)(2, 3).numpy()
    assert whole.shape == (7, 2, 3)
    part = getattr(Draws(SEED, 7, 2, 4), draw)(2, 3).numpy()
    np.testing.assert_array_equal(part, whole[2:6])


def test_sources_are_independent_and_the_same_again():
    first, second = (each.uniform().numpy() for each in Draws(SEED, 5).split(2))
    assert not np.isin(first, second).any()
    again = [each.uniform().numpy() for each in Draws(SEED, 5, 1, 2).split(2)]
    np.testing.assert_array_equal(again, [first[1:3], second[1:3]])


def test_limits():
    found = Draws(SEED, 1000).uniform(low=-3.0, high=2.0).numpy()
    assert -3 <= found.min() < -2.9 and 1.9 < found.max() < 2
