import numpy as np
import pytest

from edgedet.runtime.sparse.grid import SAMPLES, CellGrid

# 96 x 128 fits into 64 x 64 at half its size, with 8 rows of padding above and below.
GRID = CellGrid((96, 128), (64, 64), 8)


def test_pixels_fall_into_the_cells_that_show_them():
    assert GRID.shape == (8, 8)
    assert GRID.step == 2
    # Rows 0 to 15 of the frame are rows 8 to 15 of the input, and those are cell 1.
    assert GRID.cell_of_row.tolist() == [row for row in range(1, 7) for _ in range(8)]
    assert GRID.cell_of_column.tolist() == [column for column in range(8) for _ in range(8)]
    assert GRID.content == 6 * 8


def test_a_sample_is_the_mean_of_four_pixels_of_its_square():
    # Of 8 x 8 pixels: green, red, blue and green again, at a quarter from each border.
    grid = CellGrid((480, 640), (64, 64), 8)
    assert grid.step == 8
    frame = np.zeros((480, 640, 3), "uint8")
    frame[2, 2] = 40, 80, 0
    frame[2, 5] = 100, 0, 0
    frame[5, 2] = 0, 0, 60
    frame[5, 5] = 0, 20, 0
    frame[4, 4] = 255
    brightness = grid.brightness(frame)
    assert brightness.shape == (60, 80)
    assert brightness[0, 0] == (80 + 100 + 60 + 20) / 4
    assert brightness.sum() == brightness[0, 0]


def test_the_brightness_of_an_even_frame_is_its_own():
    for shape in ((96, 128, 3), (96, 128, 1), (97, 131, 3)):
        brightness = GRID.brightness(np.full(shape, 200, "uint8"))
        assert brightness.shape == (48, 64)
        assert (brightness == 200).all()


@pytest.mark.parametrize("size", [(20, 30), (97, 131), (480, 640)])
@pytest.mark.parametrize(("bands", "taken"), [(1, (0, 0, 0, 0)), (3, (1, 0, 2, 1))])
def test_brightness_is_that_of_each_square_alone(size, bands, taken):
    grid = CellGrid(size, (64, 64), 8)
    frame = np.random.default_rng(0).integers(0, 256, (*size, bands)).astype("uint8")
    near, far = grid.step // 4, grid.step - 1 - grid.step // 4
    places = [(row, column) for row in (near, far) for column in (near, far)]
    brightness = grid.brightness(frame)
    assert brightness.dtype == "float32"
    for row, column in np.ndindex(*brightness.shape):
        square = frame[row * grid.step :, column * grid.step :]
        pixels = [int(square[place][band]) for place, band in zip(places, taken, strict=True)]
        assert brightness[row, column] == sum(pixels) / 4


def test_counts_are_sums_of_cells():
    samples = np.zeros((48, 64))
    samples[0, 0] = 1
    samples[7, 7] = 2
    samples[47, 63] = 4
    counts = GRID.counts(samples)
    assert counts.sum() == 7
    assert counts[1, 0] == 3
    assert counts[6, 7] == 4


def test_a_reach_counts_what_is_near_a_cell():
    samples = np.zeros((48, 64))
    # One sample from the cells at the right of it and below.
    samples[7, 14] = 1
    near = np.argwhere(GRID.counts(samples, reach=2)).tolist()
    assert near == [[1, 1], [1, 2], [2, 1], [2, 2]]
    assert np.argwhere(GRID.counts(samples, reach=1)).tolist() == [[1, 1], [2, 1]]
    # Padding shows nothing, however near.
    samples[0, 0] = 1
    assert not GRID.counts(samples, reach=9)[0].any()


def test_what_is_said_of_cells_is_said_of_their_samples():
    cells = np.zeros((8, 8), bool)
    cells[1, 0] = True
    assert np.argwhere(GRID.of_samples(cells)).max(axis=0).tolist() == [7, 7]


def test_any_frame_has_about_as_many_samples():
    for size in ((240, 320), (480, 640), (1080, 1920), (2000, 300)):
        grid = CellGrid(size, (128, 128), 8)
        assert 0.7 * SAMPLES < len(grid.cell_of_row) * len(grid.cell_of_column) < 1.4 * SAMPLES


def test_cells_between_two_samples_count_nothing():
    # 20 x 4000 pixels: 64 x 0.3 of the input, one row of samples.
    grid = CellGrid((40, 4000), (64, 64), 8)
    counts = grid.counts(np.ones((len(grid.cell_of_row), len(grid.cell_of_column))))
    assert counts.sum() == len(grid.cell_of_row) * len(grid.cell_of_column)
    assert grid.content == (counts > 0).sum() == 8
