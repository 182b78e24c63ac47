import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment import view
from edgedet.geometry.letterbox import PADDING, Letterbox
from edgedet.runtime.preprocess import preprocess

INPUT = (128, 128)


def rendered(image, input_size=INPUT, placed=None):
    scale, offset = placed or view.whole(tf.constant(image.shape[:2]), input_size)
    return view.render(tf.constant(image), scale, offset, input_size).numpy()


@given(
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    st.sampled_from([(128, 128), (320, 320), (96, 160), (320, 256)]),
)
@settings(max_examples=100, deadline=None)
def test_a_whole_image_is_placed_as_on_the_device(size, input_size):
    scale, offset = view.whole(tf.constant(size), input_size)
    letterbox = Letterbox.fit(size, input_size)
    np.testing.assert_allclose(scale, letterbox.scale, rtol=1e-6)
    np.testing.assert_array_equal(offset, letterbox.offset)


@pytest.mark.parametrize(
    ("size", "side"), [((427, 1792), 128), ((1792, 623), 128), ((45, 1152), 320), ((102, 384), 224)]
)
def test_half_a_pixel_is_rounded_as_on_the_device(size, side):
    # 427 * 128 / 1792 is 30.5: single precision would round it down, or up, by chance.
    scale, offset = view.whole(tf.constant(size), (side, side))
    letterbox = Letterbox.fit(size, (side, side))
    np.testing.assert_allclose(scale, letterbox.scale, rtol=1e-6)
    np.testing.assert_array_equal(offset, letterbox.offset)


SIZES = [(128, 128), (96, 128), (50, 37), (200, 201)]
# From three times the input on the device averages whole blocks, another filter than ours.
LARGE = [(300, 400), (683, 1024)]


@pytest.mark.parametrize(
    ("size", "most", "mean"),
    [(size, 1, 0.2) for size in SIZES] + [(size, 2, 0.4) for size in LARGE],
)
def test_structure_looks_as_on_the_device(clutter, size, most, mean):
    # Another resampler: one grey level of rounding, and one more for another filter.
    image = clutter(1, size)
    distance = np.abs(rendered(image).astype(int) - preprocess(image, INPUT)[0][0])
    assert distance.max() <= most
    assert distance.mean() < mean


@pytest.mark.parametrize(
    ("size", "most", "mean"),
    [(size, 16, 0.2) for size in SIZES] + [(size, 48, 0.5) for size in LARGE],
)
def test_edges_lie_as_on_the_device(size, most, mean):
    image = np.zeros((*size, 3), "uint8")
    image[size[0] // 3 : 2 * size[0] // 3, size[1] // 4 : size[1] // 2] = 255
    ours, device = rendered(image).astype(int), preprocess(image, INPUT)[0][0].astype(int)
    # They may be harder or softer, by a part of a pixel, but lie in the same place.
    assert np.abs(ours - device).max() <= most
    assert np.abs(ours - device).mean() < mean
    np.testing.assert_allclose(_middle(ours), _middle(device), atol=0.02)


def _middle(image):
    """Return the (row, column) around which the light lies, above a grey border."""
    light = np.where(image[..., 0] == PADDING, 0, image[..., 0]).astype(float)
    places = np.mgrid[: light.shape[0], : light.shape[1]]
    return (places * light).sum((1, 2)) / light.sum()


def test_an_image_of_the_input_size_is_left_as_it_is():
    image = np.random.default_rng(0).integers(0, 256, (32, 48, 3), "uint8")
    np.testing.assert_array_equal(rendered(image, (32, 48)), image)


def test_grey_where_the_image_ends():
    image = np.full((20, 20, 3), 200, "uint8")
    shown = rendered(image, (32, 32), placed=(tf.constant([1.0, 1.0]), tf.constant([-5.0, 20.0])))
    # Rows 5 to 20 of it lie at the top, its first 12 columns at the right.
    expected = np.full((32, 32, 3), PADDING, "uint8")
    expected[:15, 20:] = 200
    np.testing.assert_array_equal(shown, expected)


def test_boxes_follow_their_map():
    boxes = tf.constant([[1.0, 2.0, 3.0, 5.0]])
    found = view.map_boxes(boxes, tf.constant([10.0, 2.0]), tf.constant([100.0, -1.0]))
    np.testing.assert_array_equal(found, [[1, 120, 5, 150]])


def test_many_views_at_once():
    sizes = np.array([[128, 128], [300, 400], [427, 1792]])
    scale, offset = view.whole(tf.constant(sizes), INPUT)
    boxes = tf.constant(np.random.default_rng(0).uniform(0, 100, (3, 2, 4)), tf.float32)
    together = view.map_boxes(boxes, scale, offset)
    for i, size in enumerate(sizes):
        alone = view.whole(tf.constant(size), INPUT)
        np.testing.assert_array_equal(scale[i], alone[0])
        np.testing.assert_array_equal(offset[i], alone[1])
        np.testing.assert_array_equal(together[i], view.map_boxes(boxes[i], *alone))


def extent(profile):
    """Return start and end of the one bright stretch of a blurred profile, in pixels."""
    length = profile.sum()
    centre = (profile * (np.arange(len(profile)) + 0.5)).sum() / length
    return centre - length / 2, centre + length / 2


share = st.floats(0, 1)


@given(
    st.floats(0.1, 3), st.floats(0.8, 1.25), share, share, share, share, st.sampled_from([1, 2, 4])
)
@settings(max_examples=25, deadline=None)
def test_boxes_lie_where_the_pixels_are(zoom, stretch, x, y, across, down, reduced):
    # A white rectangle somewhere in a black image, of which the decoder gave a fraction.
    source = np.array([400, 480])
    scale = np.array([zoom * stretch, zoom / stretch], "float32")
    largest = np.minimum(source - 64, 100 / scale)
    sides = np.maximum(16, np.array([down, across]) * largest) // 8 * 8
    start = (32 + np.array([y, x]) * (source - 64 - sides)) // 8 * 8
    image = np.zeros((*source, 3), "uint8")
    (top, left), (bottom, right) = start.astype(int), (start + sides).astype(int)
    image[top:bottom, left:right] = 255
    image = image[::reduced, ::reduced]
    # The rectangle lands around the middle of the input.
    offset = np.array([64, 64]) - (start + sides / 2) * scale + np.array([x, y]) * 4
    placed = tf.constant(scale), tf.constant(offset, tf.float32)

    shown = rendered(image, placed=(placed[0] * reduced, placed[1]))[..., 0] / 255.0
    box = view.map_boxes(tf.constant([[left, top, right, bottom]], tf.float32), *placed)[0]

    # Rows and columns through its middle; what is padding is not black.
    row, column = (int((box[1] + box[3]) / 2), int((box[0] + box[2]) / 2))
    black = np.where(np.isclose(shown, PADDING / 255), 0, shown)
    found = [*extent(black[row]), *extent(black[:, column])]
    if black[row, column] > 0.99:  # Thinner ones never get fully white, wherever they lie.
        np.testing.assert_allclose(found, [box[0], box[2], box[1], box[3]], atol=0.5)
