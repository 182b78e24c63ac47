import numpy as np
import pytest

from edgedet.thermal import Normalization, limits, normalize
from edgedet.thermal.normalization import MARGIN

SIZES = [(24, 32), (62, 80), (120, 160), (256, 320), (512, 640)]


def levels_of(band, **settings):
    return normalize(band[..., None], Normalization(**settings))[..., 0].astype(int)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("offset", "gain"), [(0, 1), (5000, 37), (12_345, 100), (20_000, 0.5)])
def test_offset_and_gain_of_the_counts_change_nothing(scene, size, offset, gain):
    band = 2 * scene(1, size).astype("int64")
    counts = (offset + gain * band).astype("uint16")
    assert np.abs(levels_of(counts) - levels_of(band.astype("uint16"))).max() <= 1


def test_bytes_and_floats_become_the_same(scene):
    band = scene(2, (120, 160))
    expected = levels_of(band)
    for other in (band.astype("int16") - 100, band.astype("int32") * 70_000, 270 + band / 7):
        assert np.abs(levels_of(other) - expected).max() <= 1
    big_endian = band.astype(">u2")
    np.testing.assert_array_equal(levels_of(big_endian), expected)


@pytest.mark.parametrize("size", SIZES)
def test_inverted_counts_become_inverted_levels(scene, size):
    band = scene(3, size)
    assert np.abs(levels_of(255 - band) - (255 - levels_of(band))).max() <= 1
    # What is stated to be black-hot comes out white-hot.
    np.testing.assert_array_equal(levels_of(band, polarity="black_hot"), 255 - levels_of(band))


def broken(band, kind, generator):
    """Return the band with broken pixels, and where they are."""
    counts, where = band.copy(), np.zeros(band.shape, bool)
    high = {"uint8": 255, "uint16": 16_383}[band.dtype.name]
    row, column = generator.integers(0, band.shape[0]), generator.integers(0, band.shape[1])
    if kind == "dead pixels":
        # 0.5 %: stuck at black, at white, anywhere.
        where.flat[generator.choice(band.size, round(0.005 * band.size), replace=False)] = True
        stuck = np.array([0, high, *generator.integers(0, high, 3)])
        counts[where] = generator.choice(stuck, where.sum())
    elif kind == "dead row":
        where[row], counts[row] = True, generator.choice([0, high])
    elif kind == "dead column":
        where[:, column], counts[:, column] = True, generator.choice([0, high])
    else:
        where[row] = True
        counts[row] = np.clip(counts[row].astype(int) + np.ptp(band) // 3, 0, high)
    return counts, where


@pytest.mark.parametrize("size", [(62, 80), (120, 160), (256, 320), (512, 640)])
@pytest.mark.parametrize("kind", ["dead pixels", "dead row", "dead column", "striped row"])
@pytest.mark.parametrize("gain", [1, 41])
def test_what_is_broken_does_not_move_the_rest(scene, size, kind, gain):
    generator = np.random.default_rng(0)
    for seed in range(6):
        band = scene(seed, size)
        band = band if gain == 1 else (3000 + gain * band.astype("uint16"))
        counts, where = broken(band, kind, generator)
        moved = np.abs(levels_of(counts) - levels_of(band))[~where]
        assert moved.max() <= 2


def test_few_pixels_are_moved_little_more(scene):
    # Of 32 x 24 pixels, a row is a twenty-fourth of what is known of the scene.
    generator = np.random.default_rng(0)
    for kind in ("dead pixels", "dead row", "dead column"):
        worst = []
        for seed in range(60):
            band = scene(seed, (24, 32))
            counts, where = broken(band, kind, generator)
            worst.append(np.abs(levels_of(counts) - levels_of(band))[~where].max())
        assert np.mean(worst) <= 1.2
        assert max(worst) <= (2 if kind == "dead pixels" else 8)


@pytest.mark.parametrize("noise", [0, 0.4, 1, 20, 300])
def test_a_shutter_is_grey_and_not_a_storm(noise):
    generator = np.random.default_rng(0)
    counts = np.rint(8000 + generator.normal(0, noise, (120, 160))).astype("uint16")
    levels = levels_of(counts)
    assert levels.mean() == pytest.approx(128, abs=3)
    # A stretch of this frame alone would give its noise a deviation of 41 levels.
    assert levels.std() < 10


def test_a_uniform_frame_of_any_size_is_grey():
    for size in [(1, 1), (1, 5), (5, 1), (2, 2), (24, 32)]:
        for counts in (np.full(size, 77, "uint8"), np.full(size, 300.15, "float32")):
            assert set(np.unique(levels_of(counts))) <= {127, 128}


def test_a_lone_body_before_nothing_is_bright():
    band = np.zeros((240, 320), "uint16")
    band[100:110, 100:108] = 40
    levels = levels_of(band)
    assert set(np.unique(levels)) == {128, 255}
    assert (levels == 255).sum() == 80


def test_fixed_limits_by_hand():
    # 1000 to 2000 counts: the limits become 32 and 223, their middle 127.5.
    band = np.array([[1000, 1500, 2000, 1250, 0, 16_000]], "uint16")
    levels = levels_of(band, range=(1000, 2000), repair=False)
    # 191 levels lie between: 1250 is a quarter of the way, 32 + 47.75. 1000 counts below the
    # limit are 191 levels beyond, compressed to 32 * 191 / (32 + 191) = 27.4 of the 32 left.
    assert levels[0, :5].tolist() == [32, 128, 223, 80, 5]
    # 14 spans beyond: 223 + 32 * 2674 / 2706.
    assert levels[0, 5] == 255


def test_temperatures_are_limits_of_every_camera():
    kelvin = np.linspace(273.15, 313.15, 60).reshape(6, 10)
    expected = levels_of(kelvin, range=(280.0, 300.0), kelvin_per_count=1.0)
    centikelvin = np.rint(100 * kelvin).astype("uint16")
    found = levels_of(centikelvin, range=(280.0, 300.0), kelvin_per_count=0.01)
    assert np.abs(found - expected).max() <= 1
    celsius = np.rint(100 * (kelvin - 273.15)).astype("int16")
    settings = {"kelvin_per_count": 0.01, "kelvin_at_zero": 273.15}
    assert np.abs(levels_of(celsius, range=(280.0, 300.0), **settings) - expected).max() <= 1
    low, high = limits(celsius, Normalization((280.0, 300.0), **settings))
    assert (low, high) == pytest.approx((685, 2685))
    assert Normalization(**settings).kelvin(2685) == pytest.approx(300)


def test_what_is_hot_stays_apart_from_what_is_hotter():
    band = np.tile(np.arange(100), (100, 1)).astype("uint16")
    for index, counts in enumerate((150, 250, 400)):
        band[40:43, 10 + 10 * index : 13 + 10 * index] = counts
    levels = levels_of(band)
    hot = levels[41, [11, 21, 31]]
    assert 255 - MARGIN < hot[0] < hot[1] < hot[2] <= 255
    assert hot[1] - hot[0] >= 5


def test_each_band_has_limits_of_its_own(scene):
    bands = np.stack([scene(seed, (62, 80)).astype("uint16") * (1 + seed) for seed in range(4)], -1)
    levels = normalize(bands, Normalization())
    assert (levels.shape, levels.dtype) == ((62, 80, 4), np.dtype("uint8"))
    for band in range(4):
        np.testing.assert_array_equal(levels[..., band], levels_of(bands[..., band]))


def test_invalid_temperatures_are_the_middle(scene):
    band = scene(0, (62, 80)).astype("float32")
    holes = band.copy()
    holes[20:24, 30:34] = [[np.nan], [np.inf], [-np.inf], [np.nan]]
    levels = levels_of(holes)
    expected = levels_of(np.where(np.isfinite(holes), band, np.median(band)))
    assert np.abs(levels - expected).max() <= 1
    assert set(np.unique(levels_of(np.full((4, 4), np.nan)))) <= {127, 128}


def test_the_frame_is_not_changed(scene):
    band = scene(0, (62, 80))
    band[10, 10], band[30] = 255, 0
    copy = band.copy()
    levels_of(band)
    np.testing.assert_array_equal(band, copy)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"polarity": "white"}, "expected one of unknown, white_hot, black_hot, found 'white'"),
        ({"range": (5, 5)}, r"low < high, found \(5, 5\)"),
        ({"kelvin_per_count": -1}, "expected >= 0, found -1"),
        ({"kelvin_per_count": float("nan")}, "expected >= 0, found nan"),
    ],
)
def test_other_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Normalization(**settings)


def test_inverting_twice_is_nothing():
    for polarity in ("white_hot", "black_hot"):
        assert Normalization(polarity=polarity).inverted().inverted().polarity == polarity
    assert Normalization().inverted().polarity == "black_hot"
