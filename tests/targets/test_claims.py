import numpy as np
import pytest
import tensorflow as tf

from edgedet.targets.claims import settle, spread, won


def claim(places, cost, wanted=None):
    """Return tensors of one image's claims."""
    wanted = np.ones_like(cost, bool) if wanted is None else wanted
    return (
        tf.constant([places], tf.int32),
        tf.constant([cost], tf.float32),
        tf.constant([wanted], tf.bool),
    )


def test_by_hand():
    # Point 0 is wanted by object 0 alone, point 1 by both, 3 by nobody that means it.
    places, cost, wanted = claim(
        [[0, 1], [3, 1]], [[5.0, 2.0], [-9.0, 1.5]], [[True, True], [False, True]]
    )
    owner = settle(places, cost, wanted, 4)
    assert owner.numpy().tolist() == [[0, 1, -1, -1]]
    assert owner.dtype == tf.int32


def test_of_equal_costs_the_first_object_wins():
    owner = settle(*claim([[2], [2], [2]], [[1.0], [0.0], [0.0]]), 3)
    assert owner.numpy().tolist() == [[-1, -1, 1]]


def test_costs_may_be_below_zero():
    assert settle(*claim([[0], [0]], [[-3.0], [-4.0]]), 1).numpy().tolist() == [[1]]


def test_kept_claims_say_what_they_are_of():
    places, cost, wanted = claim([[0, 1], [3, 1]], [[5.0, 2.0], [0.0, 1.5]])
    kept = won(settle(places, cost, wanted, 4), places)
    assert kept.numpy().tolist() == [[[True, False], [True, True]]]
    said = spread(tf.constant([[[0.1, 0.2], [0.3, 0.4]]]), places, kept, 4)
    np.testing.assert_allclose(said, [[0.1, 0.4, 0, 0.3]])


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_a_loop_over_claims(seed):
    generator = np.random.default_rng(seed)
    images, objects, points = 3, 5, 12
    draws = [generator.permutation(points)[:6] for _ in range(images * objects)]
    places = np.reshape(draws, (images, objects, 6))
    cost = generator.integers(0, 4, places.shape).astype("float32")  # Many equal ones.
    wanted = generator.uniform(size=places.shape) < 0.7
    owner = settle(tf.constant(places, tf.int32), tf.constant(cost), tf.constant(wanted), points)
    expected = np.full((images, points), -1)
    lowest = np.full((images, points), np.inf)
    for image, number, claimed in np.ndindex(places.shape):
        place, price = places[image, number, claimed], cost[image, number, claimed]
        if wanted[image, number, claimed] and price < lowest[image, place]:
            expected[image, place], lowest[image, place] = number, price
    np.testing.assert_array_equal(owner, expected)
