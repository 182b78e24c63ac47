import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment.layers import Layers, make_layers, stacked, whole_window
from edgedet.data.augment.painting import cover, paint, shown
from edgedet.data.augment.placement import place
from edgedet.geometry.letterbox import PADDING

INPUT = (32, 48)
LEVELS = (0, 100, 200)


def pixels(index, halvings, part):
    """Return an image of one grey level for each record, of any size."""
    level = tf.gather(tf.constant(LEVELS, tf.uint8), index)
    return tf.fill(tf.concat([part[2:], [3]], 0), level)


def layer(index, window, opacity=1.0, fade=0.0, count=1):
    """Return a layer of images much larger than the input, in a window as xyxy."""
    index = tf.fill([count, 1], tf.constant(index, tf.int64))
    pairs = [tf.constant([[pair]] * count) for pair in (window[1::-1], window[:1:-1])]
    view = tf.ones([count, 1, 2]), tf.fill([count, 1, 2], -100.0)
    size = tf.fill([count, 1, 2], 500)
    return make_layers(index, size, view, tuple(pairs), opacity, fade)


def painted(layers: Layers, flipped=(False,)):
    return paint(pixels, layers, tf.constant(flipped), INPUT, 3).numpy()


ALL = (0, 0, 48, 32)


def test_one_layer_fills_the_input():
    np.testing.assert_array_equal(painted(layer(1, ALL)), np.full((1, *INPUT, 3), 100))


def test_what_no_layer_reaches_is_grey():
    # An image of 10 x 10 at (4, 2), above and below which there is nothing.
    index, size = tf.zeros([1, 1], tf.int64), tf.fill([1, 1, 2], 10)
    view = tf.ones([1, 1, 2]), tf.constant([[[2.0, 4.0]]])
    window = whole_window(INPUT, tf.constant([True]))
    expected = np.full((*INPUT, 3), PADDING)
    expected[2:12, 4:14] = 0
    np.testing.assert_array_equal(painted(make_layers(index, size, view, window))[0], expected)


def test_later_layers_lie_on_earlier_ones_in_their_windows():
    layers = stacked(layer(1, ALL), stacked(layer(2, (4, 6, 20, 16)), layer(0, (18, 0, 24, 8))))
    expected = np.full((*INPUT, 3), 100)
    expected[6:16, 4:20] = 200
    expected[:8, 18:24] = 0
    np.testing.assert_array_equal(painted(layers)[0], expected)
    np.testing.assert_array_equal(layers.covers, [[True, True, True]])
    np.testing.assert_array_equal(layers.windows[0], [ALL, (4, 6, 20, 16), (18, 0, 24, 8)])


def test_an_empty_layer_is_not_there():
    layers = stacked(layer(1, ALL), layer(2, (7, 7, 7, 7)))
    np.testing.assert_array_equal(painted(layers), np.full((1, *INPUT, 3), 100))
    np.testing.assert_array_equal(layers.covers, [[True, False]])


def test_what_shows_through_is_mixed_by_its_opacity():
    layers = stacked(layer(1, ALL), layer(2, ALL, opacity=0.4))
    np.testing.assert_allclose(painted(layers), 0.6 * 100 + 0.4 * 200, rtol=1e-5)
    np.testing.assert_array_equal(layers.covers, [[True, False]])


def test_chosen_samples_are_seen_in_a_mirror():
    layers = stacked(layer(1, ALL, count=2), layer(2, (4, 6, 20, 16), count=2))
    left, mirrored = painted(layers, (False, True))
    np.testing.assert_array_equal(mirrored, left[:, ::-1])
    assert (mirrored[6:16, 28:44] == 200).all() and mirrored.sum() == left.sum()


@given(
    st.tuples(st.integers(0, 16), st.integers(0, 24)),
    st.tuples(st.integers(1, 16), st.integers(1, 24)),
    st.floats(0, 8, width=32),
)
@settings(max_examples=40, deadline=None)
def test_a_cover_is_clear_outside_and_grows_inwards(start, sides, fade):
    end = start[0] + sides[0], start[1] + sides[1]
    size, one = tf.constant([100, 100]), tf.ones([2])
    window = tf.constant([start]), tf.constant([end])
    placement = place(size[None], one[None], tf.fill([1, 2], -50.0), *window)
    found = cover(placement, tf.constant([fade], tf.float32), INPUT).numpy()[0]
    inside = np.zeros(INPUT, bool)
    inside[start[0] : end[0], start[1] : end[1]] = True
    assert not found[~inside].any() and (found[inside] > 0).all() and found.max() <= 1
    # As deep as the fade it is opaque.
    deep = np.zeros(INPUT, bool)
    edge = int(np.ceil(fade))
    deep[start[0] + edge : max(0, end[0] - edge), start[1] + edge : max(0, end[1] - edge)] = True
    assert (found[deep] == 1).all()
    if fade == 0:
        assert (found[inside] == 1).all()


@pytest.mark.parametrize(
    ("fade", "expected"),
    # Centres of pixels are half a pixel, one and a half ... from the edge.
    [(0.0, [1] * 9), (2.0, [0.25, 0.75, 1, 1, 1, 1, 1, 0.75, 0.25])],
)
def test_a_fade_by_hand(fade, expected):
    corner, end = tf.constant([[0, 0]]), tf.constant([[9, 9]])
    placement = place(end, tf.ones([1, 2]), tf.zeros([1, 2]), corner, end)
    np.testing.assert_allclose(cover(placement, tf.constant([fade]), (9, 9))[0, 4], expected)


@pytest.mark.parametrize("chosen", [[True, False], [False, True]])
def test_whole_windows(chosen):
    low, high = whole_window(INPUT, tf.constant(chosen))
    assert (high > low).numpy().all(axis=(1, 2)).tolist() == chosen
    np.testing.assert_array_equal(high[chosen.index(True), 0], INPUT)


def test_what_shows_an_image_is_no_padding():
    # An image of 10 x 10 at (4, 2), and a part of another one to the right of it.
    index, size = tf.zeros([1, 1], tf.int64), tf.fill([1, 1, 2], 10)
    view = tf.ones([1, 1, 2]), tf.constant([[[2.0, 4.0]]])
    small = make_layers(index, size, view, whole_window(INPUT, tf.constant([True])))
    layers = stacked(small, stacked(layer(2, (20, 4, 30, 9)), layer(1, (7, 7, 7, 7))))
    expected = np.zeros(INPUT, bool)
    expected[2:12, 4:14] = expected[4:9, 20:30] = True
    for flipped in (False, True):
        found = shown(layers, tf.constant([flipped]), INPUT).numpy()[0, ..., 0]
        np.testing.assert_array_equal(found, expected[:, ::-1] if flipped else expected)
        np.testing.assert_array_equal(painted(layers, (flipped,))[0, ..., 0] == PADDING, ~found)
