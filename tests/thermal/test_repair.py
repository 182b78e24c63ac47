import numpy as np
import pytest

from edgedet.thermal.repair import repair
from edgedet.thermal.stretch import stretch


def smooth(size=(30, 40)):
    rows, columns = np.mgrid[: size[0], : size[1]]
    return (1000 + 3 * rows + 2 * columns).astype("uint16")


SPAN = 160.0


@pytest.mark.parametrize("place", [(12, 17), (0, 0), (29, 39), (0, 20), (15, 0)])
@pytest.mark.parametrize("stuck", [0, 16_383])
def test_a_dead_pixel_becomes_one_of_its_neighbours(place, stuck):
    band = smooth()
    band[place] = stuck
    repaired = repair(band, SPAN)
    assert band[place] == stuck
    np.testing.assert_allclose(repaired[place].astype(int), smooth()[place].astype(int), atol=6)
    repaired[place] = stuck
    np.testing.assert_array_equal(repaired, band)


@pytest.mark.parametrize("row", [0, 1, 14, 28, 29])
def test_a_dead_line_becomes_its_neighbour(row):
    for turn in (np.asarray, np.transpose):
        band = smooth()
        band[row] = 0
        repaired = turn(repair(turn(band), SPAN))
        np.testing.assert_allclose(repaired.astype(int), smooth().astype(int), atol=3)


def test_a_striped_line_is_repaired_and_a_slight_one_left():
    band = smooth()
    band[14] += 60
    np.testing.assert_allclose(repair(band, SPAN).astype(int), smooth().astype(int), atol=3)
    slight = smooth()
    slight[14] += 15
    assert repair(slight, SPAN) is slight


def test_a_star_through_a_lens_is_kept():
    # The sharpest that optics make of a point: a deviation of half a pixel, wherever it falls.
    rows, columns = np.mgrid[:30, :40]
    for shift in (0.0, 0.25, 0.5):
        distance = (rows - 14 - shift) ** 2 + (columns - 20 - shift) ** 2
        band = smooth() + (3000 * np.exp(-distance / (2 * 0.5**2))).astype("uint16")
        assert repair(band, SPAN) is band


def test_edges_and_wires_are_kept():
    band = smooth()
    band[:, 20:] += 500
    band[8, 5:30] = 0
    assert repair(band, SPAN) is band


def test_a_whole_scene_is_left_alone(scene):
    for seed in range(10):
        band = scene(seed, (120, 160))
        low, high = stretch(band)
        assert repair(band, high - low) is band


def test_small_frames_and_types():
    for size in [(1, 1), (2, 9), (9, 2)]:
        band = np.zeros(size, "uint8")
        assert repair(band, 10.0) is band
    for dtype in ("uint8", "int16", "int32", "float32", "float64"):
        band = (smooth() // 10).astype(dtype)
        band[10, 10] = 0
        repaired = repair(band, SPAN / 10)
        assert repaired.dtype == dtype
        assert repaired[10, 10] > 90


@pytest.mark.parametrize("split", ["train", "val"])
def test_no_point_source_of_a_real_set_is_repaired(real_data, split):
    from edgedet import images
    from edgedet.data import coco

    folder = real_data / "thermal" / "sirst"
    if not folder.is_dir():
        pytest.skip(f"no point sources at {folder}")
    dataset = coco.read(folder / "annotations" / f"instances_{split}.json", folder / split)
    for record in dataset.records[::4]:
        band = images.read_counts(record.image)
        low, high = stretch(band)
        changed = repair(band, high - low) != band
        for left, top, right, bottom in record.boxes.astype(int):
            assert not changed[top : bottom + 1, left : right + 1].any(), record.image
