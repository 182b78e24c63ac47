import numpy as np
import pytest

from edgedet.runtime.drawing.heat_map import heat_map, with_temperatures
from edgedet.thermal import Normalization
from edgedet.thermal.palettes import palette

KELVIN = Normalization(range=(280.0, 300.0), kelvin_per_count=0.01)


def warm_to_the_right(size=(120, 160)):
    return np.tile(np.linspace(27_000, 31_000, size[1]), (size[0], 1)).astype("uint16")


def test_hot_is_bright():
    coloured = heat_map(warm_to_the_right(), Normalization())
    assert (coloured.shape, coloured.dtype) == ((120, 160, 3), np.dtype("uint8"))
    luma = coloured[60] @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(luma) >= -1).all()
    assert luma[-1] - luma[0] > 150


def test_its_colours_are_of_the_palette():
    colours = {tuple(colour) for colour in palette("inferno").tolist()}
    found = {tuple(colour) for colour in heat_map(warm_to_the_right(), KELVIN)[0].tolist()}
    assert found <= colours


@pytest.mark.parametrize("shape", [(24, 32), (24, 32, 1), (24, 32, 3), (24, 32, 7)])
def test_frames_of_any_bands(shape):
    frame = np.random.default_rng(0).integers(0, 256, shape, "uint8")
    assert heat_map(frame, Normalization()).shape == (24, 32, 3)


def test_temperatures_stand_beside_the_frame():
    counts = warm_to_the_right()
    image = heat_map(counts, KELVIN)
    shown = with_temperatures(image, counts, KELVIN)
    assert shown.shape[0] == 120 and shown.shape[1] > 160
    np.testing.assert_array_equal(shown[:, :160], image)
    bar = shown[:, 160]
    assert tuple(bar[0]) == tuple(palette("inferno")[255])
    assert tuple(bar[-1]) == tuple(palette("inferno")[0])
    # Written in white at 223, 127.5 and 32 of 255: rows 15, 60 and 104 of 120.
    written = np.flatnonzero((shown[:, 170:] > 128).all(axis=-1).any(axis=1))
    assert {15, 60, 104} <= {row + shift for row in written for shift in (-1, 0, 1)}
    assert not {35, 85} & set(written.tolist())


def test_the_hottest_stands_at_the_top():
    counts = warm_to_the_right()
    settings = Normalization(range=(274.0, 400.0), kelvin_per_count=0.01)
    bar = with_temperatures(heat_map(counts, settings), counts, settings)[:, 168:]
    written = (bar > 128).all(axis=-1)
    # 126.9 degrees are longer to write than 0.9.
    reach = [
        np.flatnonzero(written[rows].any(axis=0)).max() for rows in (slice(25), slice(95, 120))
    ]
    assert reach[0] > reach[1] + 4


def test_the_bar_tells_the_limits(monkeypatch):
    told = []
    monkeypatch.setattr(
        "edgedet.runtime.drawing.heat_map._bar",
        lambda height, texts: told.append(texts) or np.zeros((height, 5, 3), "uint8"),
    )
    counts = warm_to_the_right()
    image = heat_map(counts, KELVIN)
    with_temperatures(image, counts, KELVIN)
    # 280 K and 300 K; black-hot levels run the other way.
    assert told.pop() == ["6.9 °C", "16.9 °C", "26.9 °C"]
    with_temperatures(image, counts, KELVIN.inverted())
    assert told.pop() == ["26.9 °C", "16.9 °C", "6.9 °C"]


def test_without_temperatures_there_is_no_bar():
    counts = warm_to_the_right()
    image = heat_map(counts, Normalization())
    assert with_temperatures(image, counts, Normalization()) is image


@pytest.mark.parametrize("bands", [3, 4])
def test_counts_of_three_bands_are_no_colours(bands):
    counts = np.random.default_rng(0).integers(7000, 9000, (24, 32, bands), "uint16")
    expected = heat_map(counts[..., 0], Normalization())
    np.testing.assert_array_equal(heat_map(counts, Normalization()), expected)
