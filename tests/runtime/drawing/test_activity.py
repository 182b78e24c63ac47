import numpy as np

from edgedet.runtime.activity import Activity
from edgedet.runtime.drawing.activity import INK, OPACITY, draw_activity

# 60 x 120 pixels fit into 64 x 64 at .533, 16 rows of padding above and below.
FRAME = np.zeros((60, 120, 3), "uint8")


def lit(image):
    rows, columns = np.nonzero(image.any(axis=2))
    return rows.min(), rows.max(), columns.min(), columns.max()


def cells(*places):
    active = np.zeros((8, 8), bool)
    for place in places:
        active[place] = True
    return active


def test_a_dense_frame_is_left_as_it_is():
    assert draw_activity(FRAME, Activity()) is FRAME
    assert Activity().compute == 1


def test_active_cells_lie_where_the_frame_shows_them():
    drawn = draw_activity(FRAME, Activity(0.0, cells((3, 4)), (64, 64)))
    # Cell (3, 4) is rows 24 to 32, columns 32 to 40 of the input: 15 to 30, 60 to 75 of the frame.
    assert lit(drawn[:50]) == (15, 29, 60, 74)
    np.testing.assert_allclose(drawn[20, 65], np.multiply(INK, OPACITY), atol=1)
    assert not FRAME.any()


def test_padding_is_not_drawn():
    drawn = draw_activity(FRAME, Activity(0.0, cells((0, 0), (7, 7)), (64, 64)))
    assert not drawn[:50].any()


def test_the_meter_is_as_long_as_what_was_spent():
    drawn = draw_activity(FRAME, Activity(0.5, cells(), (64, 64)))
    row = drawn[58].any(axis=1)
    assert row[:60].all()
    assert not row[61:119].any()
    # More than a dense frame is a full meter.
    assert draw_activity(FRAME, Activity(1.7, cells(), (64, 64)))[58].any(axis=1).all()


def test_the_meter_speaks_where_there_is_room():
    large = np.zeros((240, 320, 3), "uint8")
    low, high = (draw_activity(large, Activity(share, cells(), (64, 64))) for share in (0.1, 0.9))
    # Over the meter, below which both would have it; the words differ by their number alone.
    above = slice(215, 230)
    assert low[above].any() and (low[above] != high[above]).any()
    assert not draw_activity(FRAME, Activity(0.5, cells(), (64, 64)))[:50].any()
