import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment import view
from edgedet.data.augment.placement import MAX_HALVINGS, as_view, halved, halvings_at, place
from edgedet.data.augment.stroke import draw, stroke
from edgedet.data.layouts import open_dataset
from edgedet.data.source.decoded import halve
from edgedet.geometry.letterbox import PADDING
from edgedet.images import read

INPUT = (128, 128)
LOW, HIGH = tf.constant([0, 0]), tf.constant(INPUT)


def placed(size, scale, offset, low=LOW, high=HIGH):
    scale, offset = tf.constant(scale, tf.float32), tf.constant(offset, tf.float32)
    low, high = tf.cast(low, tf.int32), tf.cast(high, tf.int32)
    return place(tf.constant(size, tf.int32), scale, offset, low, high)


def drawn(image, placement, input_size=INPUT):
    """Return what the input shows of an image, as the pipeline draws it."""
    for _ in range(int(placement.halvings)):
        image = halve(image)
    (top, left), (bottom, right) = placement.first.numpy(), placement.last.numpy()
    batch = tf.nest.map_structure(lambda value: value[None], placement)
    one = tf.nest.map_structure(lambda value: value[0], stroke(tf.constant([0]), batch, input_size))

    def pixels(index, halvings, part):
        np.testing.assert_array_equal(part, [top, left, bottom - top, right - left])
        return tf.constant(image[top:bottom, left:right])

    return draw(pixels, one, input_size, image.shape[2]).numpy()


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        # Halved as long as it stays as large as it is shown along both axes.
        ((2.0, 2.0), 0),
        ((1.0, 1.0), 0),
        ((0.51, 0.51), 0),
        ((0.5, 0.5), 1),
        ((0.1, 0.5), 1),
        ((0.25, 0.2), 2),
        ((1 / 8, 1 / 8), 3),
        ((0.01, 0.01), MAX_HALVINGS),
    ],
)
def test_an_image_is_halved_as_often_as_may_be(scale, expected):
    assert int(halvings_at(tf.constant(scale))) == expected
    # With a margin of two it stays twice as large: half of a half.
    assert int(halvings_at(tf.constant(scale), 2.0)) == max(0, expected - 1) or scale[0] < 0.1


def test_odd_last_pixels_are_left_out():
    found = halved(tf.constant([[7, 8], [1, 30]]), tf.constant([1, 3]))
    np.testing.assert_array_equal(found, [[3, 4], [1, 3]])


def test_a_view_of_whole_pixels_is_placed_as_it_is():
    # Two input pixels each; the input begins at (10, 20) of the image.
    found = placed((300, 400), (2.0, 2.0), (-20.0, -40.0))
    np.testing.assert_array_equal(found.first, [10, 20])
    np.testing.assert_array_equal(found.last, [74, 84])
    np.testing.assert_array_equal(found.start, [0, 0])
    np.testing.assert_array_equal(found.end, INPUT)
    scale, offset = as_view(found)
    np.testing.assert_array_equal([scale, offset], [[2, 2], [-20, -40]])


def test_a_whole_image_is_placed_in_the_middle():
    found = placed((96, 192), (2 / 3, 2 / 3), (32.0, 0.0))
    np.testing.assert_array_equal([found.first, found.last], [[0, 0], [96, 192]])
    np.testing.assert_array_equal([found.start, found.end], [[32, 0], [96, 128]])


share = st.floats(0, 1)


@st.composite
def views(draw):
    """Draw a view that shows some of an image, in a window of the input."""
    size = np.array([draw(st.integers(1, 900)), draw(st.integers(1, 900))])
    low = np.array([draw(st.integers(0, 100)), draw(st.integers(0, 100))])
    high = np.array([draw(st.integers(int(side) + 8, 128)) for side in low])
    zoom, stretch = draw(st.floats(0.05, 4)), draw(st.floats(0.8, 1.25))
    scale = np.array([zoom * stretch, zoom / stretch])
    # Some point of the image lies on some point of the window.
    point = size * np.array([draw(share), draw(share)])
    target = low + (high - low) * np.array([draw(share), draw(share)])
    return size, scale, target - point * scale, low, high


@given(views())
@settings(max_examples=150, deadline=None)
def test_placements_are_whole_and_near_their_view(case):
    size, scale, offset, low, high = case
    found = placed(size, scale, offset, tf.constant(low), tf.constant(high))
    k = 2 ** int(found.halvings)
    first, last, start, end = (pair.numpy() for pair in found[1:])
    assert (first >= 0).all() and (last <= np.maximum(size // k, 1)).all()
    assert (first < last).all() and (start < end).all() and bool(found.drawn)
    assert (start >= low).all() and (end <= high).all()
    # Where the view and the placement put the corners of what is drawn, in input pixels: apart by
    # half a pixel of the halved image and half one of the input, and by what halving leaves out.
    apart = 0.5 * k * scale + 0.5 + (k - 1) * scale + 1e-2
    for source, target in ((first * k, start), (last * k, end)):
        wanted = source * scale + offset
        inside = np.clip(wanted, low, high)
        # Views that all but miss the window show a pixel all the same.
        missed = np.abs(wanted - inside)
        assert (np.abs(target - inside) <= apart + missed + 1.0).all()
    again = as_view(found)
    np.testing.assert_allclose(first * k * again[0] + again[1], start, atol=1e-2)
    np.testing.assert_allclose(last * k * again[0] + again[1], end, atol=1e-2)


def test_an_empty_window_draws_nothing():
    corner = tf.constant([128, 128])
    found = placed((300, 400), (1.0, 1.0), (0.0, 0.0), corner, corner)
    assert not bool(found.drawn)
    assert np.isfinite(as_view(found)).all()


def extent(profile):
    """Return start and end of the one bright stretch of a blurred profile, in pixels."""
    length = profile.sum()
    centre = (profile * (np.arange(len(profile)) + 0.5)).sum() / length
    return centre - length / 2, centre + length / 2


@given(st.floats(0.1, 3), st.floats(0.8, 1.25), share, share, share, share)
@settings(max_examples=40, deadline=None)
def test_boxes_lie_where_the_pixels_are(zoom, stretch, x, y, across, down):
    # A white rectangle somewhere in a black image.
    source = np.array([400, 480])
    scale = np.array([zoom * stretch, zoom / stretch], "float32")
    largest = np.minimum(source - 64, 100 / scale)
    sides = np.maximum(16, np.array([down, across]) * largest) // 8 * 8
    start = (32 + np.array([y, x]) * (source - 64 - sides)) // 8 * 8
    image = np.zeros((*source, 3), "uint8")
    (top, left), (bottom, right) = start.astype(int), (start + sides).astype(int)
    image[top:bottom, left:right] = 255
    # The rectangle lands around the middle of the input.
    offset = np.array([64, 64]) - (start + sides / 2) * scale + np.array([x, y]) * 4

    placement = placed(source, scale, offset)
    shown = drawn(image, placement)[..., 0] / 255
    box = view.map_boxes(tf.constant([[left, top, right, bottom]], tf.float32), *as_view(placement))
    box = box[0].numpy()

    # Rows and columns through its middle; what is padding is not black.
    row, column = (int((box[1] + box[3]) / 2), int((box[0] + box[2]) / 2))
    black = np.where(np.isclose(shown, PADDING / 255), 0, shown)
    if black[row, column] > 0.99:  # Thinner ones never get fully white, wherever they lie.
        found = [*extent(black[row]), *extent(black[:, column])]
        np.testing.assert_allclose(found, [box[0], box[2], box[1], box[3]], atol=0.6)


def test_an_image_of_the_input_size_is_left_as_it_is():
    image = np.random.default_rng(0).integers(0, 256, (32, 48, 3), "uint8")
    placement = placed((32, 48), (1.0, 1.0), (0.0, 0.0), LOW, tf.constant([32, 48]))
    np.testing.assert_array_equal(drawn(image, placement, (32, 48)), image)


def test_grey_where_the_image_ends():
    image = np.full((20, 20, 2), 200, "uint8")
    high = tf.constant([32, 32])
    shown = drawn(image, placed((20, 20), (1.0, 1.0), (-5.0, 20.0), LOW, high), (32, 32))
    # Rows 5 to 20 of it lie at the top, its first 12 columns at the right.
    expected = np.full((32, 32, 2), PADDING, "float32")
    expected[:15, 20:] = 200
    np.testing.assert_array_equal(shown, expected)


@pytest.mark.parametrize(("name", "side", "most"), [("faces", 128, 2.0), ("coco", 320, 1.2)])
def test_photographs_look_nearly_as_on_the_device(real_data, name, side, most):
    # `view.render` draws the same view with the device's filter. Measured: 1.6 and 0.9 grey levels.
    apart = []
    for record in open_dataset(real_data / name, "train").records[::70]:
        image, _ = read(record.image)
        whole = view.whole(tf.constant(image.shape[:2]), (side, side))
        placement = placed(image.shape[:2], *whole, LOW, tf.constant([side, side]))
        exact = view.render(tf.constant(image), *as_view(placement), (side, side)).numpy()
        apart.append(np.abs(drawn(image, placement, (side, side)) - exact).mean())
    assert np.mean(apart) < most
