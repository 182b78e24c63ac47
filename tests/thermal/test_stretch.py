import numpy as np
import pytest

from edgedet.thermal.stretch import MIN_STEPS, stretch


def test_the_limits_of_a_ramp_by_hand():
    # 1000 columns, 0 to 999: a hundredth lies below 10, a hundredth above 989. The border
    # columns have no neighbour on one side and are left out.
    band = np.tile(np.arange(1000), (16, 1)).astype("uint16")
    low, high = stretch(band)
    assert low == pytest.approx(12, abs=4)
    assert high == pytest.approx(987, abs=4)


def test_limits_follow_offset_and_gain():
    band = np.random.default_rng(0).gamma(3, 20, (90, 110)).astype("uint16")
    low, high = stretch(band)
    assert stretch(band * 13 + 700) == pytest.approx((13 * low + 700, 13 * high + 700))
    assert stretch(65_535 - band) == pytest.approx((65_535 - high, 65_535 - low))


def test_large_frames_are_looked_at_in_part(scene):
    large = scene(0, (512, 640))
    low, high = stretch(large)
    ordered = np.sort(large, axis=None)
    assert low == pytest.approx(ordered[ordered.size // 100], abs=3)
    assert high == pytest.approx(ordered[-ordered.size // 100], abs=3)


def test_noise_alone_does_not_reach_the_limits():
    noise = np.random.default_rng(0).normal(1000, 5, (120, 160))
    low, high = stretch(noise)
    # A Gaussian's trimmed mean difference is 0.73 deviations: 32 * 0.73 * 5.
    assert high - low == pytest.approx(117, rel=0.05)
    assert (low + high) / 2 == pytest.approx(1000, abs=1)


def test_steps_of_the_converter_do_not_fill_the_frame():
    # A sky of two neighbouring levels, as 8-bit files of cold cameras are full of.
    sky = np.random.default_rng(0).integers(33, 35, (120, 160)).astype("uint8")
    low, high = stretch(sky)
    assert high - low >= MIN_STEPS
    assert (low + high) / 2 == pytest.approx(33.5)


def test_two_levels_with_few_edges_are_a_picture():
    band = np.full((120, 160), 20, "uint8")
    band[30:80, 40:90] = 60
    assert stretch(band) == (20, 60)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3)])
def test_any_size_has_limits(size):
    low, high = stretch(np.arange(np.prod(size)).reshape(size).astype("uint8"))
    assert low < high


@pytest.mark.parametrize("turn", [np.asarray, np.transpose])
def test_a_line_of_its_own_is_not_heard(scene, turn):
    band = scene(0, (120, 160)).astype("float64")
    low, high = stretch(turn(band))
    striped = band.copy()
    # A hundredth of the frame; heard, it would be the limit itself.
    striped[[30, 80]] = 5000
    assert stretch(turn(striped)) == pytest.approx((low, high), abs=0.02 * (high - low))
