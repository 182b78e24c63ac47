import numpy as np
import pytest

from edgedet.thermal.palettes import ANCHORS, palette


@pytest.mark.parametrize("name", ANCHORS)
def test_a_palette_begins_and_ends_with_its_anchors(name):
    colours = palette(name)
    assert (colours.shape, colours.dtype) == ((256, 3), np.dtype("uint8"))
    assert tuple(colours[0]) == ANCHORS[name][0]
    assert tuple(colours[255]) == ANCHORS[name][-1]
    # A curve, not a cloud.
    assert np.abs(np.diff(colours.astype(int), axis=0)).max() <= 12


def test_the_map_for_people_grows_brighter_with_every_step():
    red, green, blue = palette("inferno").astype(int).T
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    assert (np.diff(luma[::8]) > 0).all()


def test_the_map_for_people_is_matplotlib_s():
    matplotlib = pytest.importorskip("matplotlib")
    expected = 255 * matplotlib.colormaps["inferno"](np.arange(256))[:, :3]
    np.testing.assert_allclose(palette("inferno"), expected, atol=7)
