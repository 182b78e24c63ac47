import numpy as np
import pytest
from PIL import ImageColor

from edgedet.evaluation.batch_sheet import (
    CAPTION,
    GAP,
    LEGEND,
    LEVELS,
    REGION,
    TILE,
    Labelled,
    as_shown,
    batch_sheet,
)
from edgedet.runtime.drawing.ink import colour

SIDE = 32
ZOOM = TILE // SIDE


def sheet(boxes=((4, 8, 20, 28), (22, 4, 30, 12)), labels=(1, 0), ignored=(False, True), points=()):
    """Return the picture of one black image, less the legend."""
    positive = np.full((1, 4), -1)
    positive[0, list(points)] = 1
    batch = {
        "images": np.zeros((1, SIDE, SIDE, 3), "float32"),
        "boxes": np.array([boxes], "float32"),
        "labels": np.array([labels]),
        "ignored": np.array([ignored]),
        "known": np.array([[True, True]]),
    }
    places = np.array([[8, 8], [24, 8], [8, 24], [16, 16]], "float32")
    strides = np.array([8, 8, 8, 16], "float32")
    found = batch_sheet(Labelled(batch, places, strides, positive, ("a", "b")))
    assert found.dtype == np.uint8
    return found[LEGEND + CAPTION :, GAP:]


def is_colour(picture, name):
    return (picture == ImageColor.getrgb(name) if isinstance(name, str) else picture == name).all(
        -1
    )


def test_objects_are_framed_where_they_are():
    frame = is_colour(sheet(), colour(1))
    x1, y1, x2, y2 = np.array([4, 8, 20, 28]) * ZOOM
    assert frame[y1, x1 : x2 + 1].all() and frame[y2, x1 : x2 + 1].all()
    assert frame[y1 : y2 + 1, x1].all() and frame[y1 : y2 + 1, x2].all()
    assert not frame[y1 + 2 : y2 - 1, x1 + 2 : x2 - 1].any()


def test_ignored_ones_are_dashed_and_have_no_colour_of_a_class():
    picture = sheet()
    assert not is_colour(picture, colour(0)).any()
    x1, y1, x2, _ = np.array([22, 4, 30, 12]) * ZOOM
    upper = is_colour(picture, REGION)[y1, x1:x2]
    assert 0.4 < upper.mean() < 0.7


def test_padding_is_not_drawn():
    with_padding = sheet(((4, 8, 20, 28), (0, 0, 0, 0)), (1, -1), (False, False))
    np.testing.assert_array_equal(with_padding, sheet(((4, 8, 20, 28),), (1,), (False,)))


@pytest.mark.parametrize(("point", "place", "level"), [(1, (24, 8), 0), (3, (16, 16), 1)])
def test_points_have_the_colour_of_their_level(point, place, level):
    # Without objects, nothing else has a colour.
    nothing = np.zeros((0, 4)), np.zeros(0, int), np.zeros(0, bool)
    drawn = is_colour(sheet(*nothing, points=[point]), LEVELS[level])[: SIDE * ZOOM, : SIDE * ZOOM]
    rows, columns = np.nonzero(drawn)
    np.testing.assert_allclose([columns.mean(), rows.mean()], np.array(place) * ZOOM, atol=1)
    assert not is_colour(sheet(*nothing), LEVELS[level])[: SIDE * ZOOM, : SIDE * ZOOM].any()


def test_a_sheet_has_all_images():
    count = 9
    batch = {
        "images": np.linspace(0.1, 0.9, count)[:, None, None, None] * np.ones((1, 128, 128, 1)),
        "boxes": np.zeros((count, 0, 4)),
        "labels": np.zeros((count, 0), int),
        "ignored": np.zeros((count, 0), bool),
        "known": np.ones((count, 1), bool),
    }
    points = np.zeros((1, 2)), np.array([8.0]), np.full((count, 1), -1)
    picture = batch_sheet(Labelled(batch, *points, ("a",)))
    for level in np.linspace(0.1, 0.9, count):
        grey = np.full(3, round(level * 255))
        assert (picture == grey).all(-1).sum() >= 0.99 * TILE * TILE


@pytest.mark.parametrize(
    ("bands", "expected"), [(1, [51, 51, 51]), (3, [51, 0, 255]), (2, [51] * 3)]
)
def test_bands_as_people_see_them(bands, expected):
    image = np.array([0.2, 0.0, 1.0])[:bands].reshape(1, 1, bands)
    assert as_shown(image)[0, 0].tolist() == expected
