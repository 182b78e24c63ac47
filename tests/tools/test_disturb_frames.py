"""Disturbances are what sensors do: another part of the same range, and a few dead pixels."""

import numpy as np
import pytest


@pytest.fixture
def tool(load_tool):
    return load_tool("disturb_frames")


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_another_sensor_shows_the_same_in_another_part_of_its_range(tool, kind):
    most = np.iinfo(kind).max
    frame = np.linspace(0, most, 256).astype(kind).reshape(16, 16)
    sensor = tool.Sensor()
    first, second = sensor(frame), sensor(frame)
    assert first.dtype == kind and (first != second).any()
    for found in (first, second):
        span = (int(found.max()) - int(found.min())) / most
        assert tool.GAINS[0] - 0.01 <= span <= tool.GAINS[1] + 0.01
        assert (np.diff(found.ravel().astype(int)) >= 0).all()
        # Nothing is cut off: the brightest are still told apart.
        assert found.max() < most
    np.testing.assert_array_equal(tool.Sensor()(frame), first)


def test_half_a_percent_of_the_pixels_is_dead(tool):
    frame = np.full((200, 200, 1), 100, "uint8")
    found = tool.dead(frame)
    assert set(np.unique(found)) == {0, 100, 255}
    assert (found != 100).mean() == pytest.approx(tool.DEAD, rel=0.3)
    assert (frame == 100).all()
