import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.augment.view import map_boxes
from edgedet.data.augment.zoom import DRAWS, draw_view
from edgedet.data.record import Dataset, Record
from edgedet.data.source.objects import Objects
from edgedet.settings import Zoom

INPUT = tf.constant([128, 128])


def views(zoom, size, boxes=(), ignored=None, count=100):
    """Return the scales and offsets, each `[count, 2]`, of as many random views."""
    boxes = np.array(boxes, "float32").reshape(-1, 4)
    ignored = np.zeros(len(boxes), bool) if ignored is None else np.array(ignored)
    record = Record("none.jpg", boxes, np.zeros(len(boxes), "int32"), ignored)
    objects = Objects(Dataset([record], ("face",), (1,)))
    draws = tf.random.stateless_uniform([count, 1 + DRAWS], [7, 8])
    box, exists = objects.choose(tf.zeros([count], tf.int64), draws[:, 0])
    drawn = draw_view(zoom, tf.constant([size] * count), box, exists, INPUT, draws[:, 1:])
    return tuple(pair.numpy() for pair in drawn)


def shown(box, scale, offset):
    return map_boxes(tf.constant([box], tf.float32), *map(tf.constant, (scale, offset)))[0].numpy()


def test_the_chosen_object_gets_a_size_in_the_range_and_is_fully_seen():
    # Far from the limits: 40 to 100 px at a scale of .7 to 1.7, where the whole fits at .2.
    box = [300, 200, 350, 272]
    zoom = Zoom(probability=1.0, smallest=40.0, largest=100.0)
    sides = []
    for scale, offset in zip(*views(zoom, (480, 640), box), strict=True):
        x1, y1, x2, y2 = shown(box, scale, offset)
        sides.append(np.sqrt((x2 - x1) * (y2 - y1)))
        assert min(x1, y1) >= -1e-3 and max(x2, y2) <= 128 + 1e-3
    assert min(sides) >= 40 - 1e-3 and max(sides) <= 100 + 1e-3
    # Evenly over the octaves: as many below the geometric mean, 63, as above.
    assert 35 < np.sum(np.array(sides) < 40 * 2.5**0.5) < 65


def test_views_inside_a_large_image_show_no_padding():
    box = [300, 200, 350, 272]
    zoom = Zoom(probability=1.0, smallest=40.0, largest=100.0)
    for scale, offset in zip(*views(zoom, (480, 640), box), strict=True):
        assert (offset <= 1e-3).all()
        assert (offset + scale * [480, 640] >= 128 - 1e-3).all()


def test_the_object_may_lie_anywhere_in_the_view():
    box = [300, 200, 320, 220]
    zoom = Zoom(probability=1.0, smallest=20.0, largest=20.0, stretch=1.0)
    scales, offsets = views(zoom, (480, 640), box)
    places = offsets + scales * [210, 310]
    # A box of 20 in an input of 128: its centre is between 10 and 118.
    assert (places.min(0) < 25).all() and (places.max(0) > 103).all()


def test_an_object_larger_than_the_view_fills_it():
    # 300 px wide at the whole view's scale, where sizes ask for 120 by 500 px: cut off in x only.
    box = [10, 200, 630, 220]
    zoom = Zoom(probability=1.0, smallest=110.0, largest=110.0, stretch=1.0)
    for scale, offset in zip(*views(zoom, (480, 640), box, count=20), strict=True):
        x1, y1, x2, y2 = shown(box, scale, offset)
        assert x1 <= 1e-3 and x2 >= 128 - 1e-3
        assert y1 >= -1e-3 and y2 <= 128 + 1e-3


@pytest.mark.parametrize(
    ("wanted", "side", "expected"),
    [
        # Never drawn larger than 2.5 source pixels, nor smaller than half the whole image.
        (100.0, 10, 2.5),
        (5.0, 200, 0.5 * 128 / 640),
    ],
)
def test_the_limits_of_scale(wanted, side, expected):
    zoom = Zoom(probability=1.0, smallest=wanted, largest=wanted, stretch=1.0)
    scales, _ = views(zoom, (480, 640), [200, 200, 200 + side, 200 + side], count=3)
    np.testing.assert_allclose(scales, expected, rtol=1e-5)


def test_a_small_image_may_be_enlarged_to_the_input():
    zoom = Zoom(probability=1.0, smallest=100.0, largest=100.0, stretch=1.0)
    scales, _ = views(zoom, (32, 32), [4, 4, 14, 14], count=3)
    np.testing.assert_allclose(scales, 128 / 32)


def test_regions_are_not_chosen():
    boxes = [[0, 0, 400, 400], [500, 300, 540, 340]]
    zoom = Zoom(probability=1.0, smallest=80.0, largest=80.0, stretch=1.0)
    scales, _ = views(zoom, (480, 640), boxes, [True, False], count=10)
    np.testing.assert_allclose(scales, 80 / 40, rtol=1e-5)


def test_every_object_is_chosen():
    boxes = [[0, 0, 20, 20], [100, 100, 140, 140], [200, 200, 280, 280]]
    zoom = Zoom(probability=1.0, smallest=40.0, largest=40.0, stretch=1.0)
    scales, _ = views(zoom, (480, 640), boxes)
    found, counts = np.unique(scales[:, 0].round(4), return_counts=True)
    np.testing.assert_allclose(found, [0.5, 1, 2])
    assert counts.min() > 15


@pytest.mark.parametrize("boxes", [[], [[10, 10, 30, 30]]], ids=["no object", "not asked to zoom"])
def test_other_views_show_the_whole_image(boxes):
    zoom = Zoom(probability=0.0 if boxes else 1.0, jitter=1.3, stretch=1.1)
    scales, offsets = views(zoom, (480, 640), boxes)
    mean = np.sqrt(scales.prod(axis=1)) / (128 / 640)
    assert (mean > 1 / 1.3 - 1e-3).all() and (mean < 1.3 + 1e-3).all()
    assert mean.min() < 0.85 and mean.max() > 1.18
    ratio = scales[:, 0] / scales[:, 1]
    assert (ratio > 1 / 1.1 - 1e-3).all() and (ratio < 1.1 + 1e-3).all()
    for scale, offset in zip(scales, offsets, strict=True):
        span = scale * [480, 640]
        # It is inside the input, or the input is inside it.
        low, high = np.minimum(0, 128 - span), np.maximum(0, 128 - span)
        assert (offset >= low - 1e-3).all() and (offset <= high + 1e-3).all()


def test_a_share_is_zoomed():
    zoom = Zoom(probability=0.3, smallest=80.0, largest=80.0, jitter=1.0, stretch=1.0)
    scales, _ = views(zoom, (480, 640), [10, 10, 30, 30])
    assert 15 < np.sum(scales[:, 0] > 2) < 45


def test_views_are_drawn_for_the_part_of_the_input_that_shows_them():
    # The same draws for a quarter of the input: everything half as large, but for the limits.
    zoom, draws = Zoom(probability=0.0), tf.random.stateless_uniform([20, DRAWS], [1, 2])
    size, box = tf.constant([[480, 640]] * 20), tf.zeros([20, 4])
    exists = tf.zeros([20], tf.bool)
    whole = draw_view(zoom, size, box, exists, INPUT, draws)
    quarter = draw_view(zoom, size, box, exists, INPUT // 2, draws)
    for large, small in zip(whole, quarter, strict=True):
        np.testing.assert_allclose(small, large / 2, rtol=1e-4, atol=1e-3)
