import numpy as np
import pytest

from edgedet.runtime.sparse.contrast import Reference


def pixels(seed=0):
    return np.random.default_rng(seed).uniform(30, 200, (48, 64)).astype("float32")


def test_light_is_what_most_pixels_have_in_common():
    before = pixels()
    after = before * 1.2
    # A third of the picture is something else.
    after[:16] = 100
    assert np.isclose(Reference(before).light_of(after, 1.0), 1.2, rtol=0.01)


def test_what_is_black_or_white_tells_no_light():
    dark = np.full((48, 64), 3.0, "float32")
    assert Reference(dark).light_of(dark, 0.7) == 0.7
    white = np.full((48, 64), 255.0, "float32")
    assert Reference(pixels()).light_of(white, 0.7) == 0.7
    assert Reference(white).light_of(pixels(), 0.7) == 0.7


def test_light_is_the_middle_ratio_of_every_third_sample_that_tells():
    generator = np.random.default_rng(2)
    for _ in range(20):
        before, after = generator.uniform(0, 255, (2, 24, 31)).astype("float32")
        # Eight rows of eleven.
        pairs = zip(after[::3, ::3].ravel(), before[::3, ::3].ravel(), strict=True)
        ratios = sorted(new / old for new, old in pairs if 20 < new < 245 and 20 < old < 245)
        assert Reference(before).light_of(after, 1.0) == ratios[len(ratios) // 2]


@pytest.mark.parametrize(("telling", "light"), [(30, 1.5), (29, 1.0)])
def test_light_is_as_before_where_too_few_tell(telling, light):
    before, after = np.zeros((2, 3, 3 * 40), "float32")
    before[0, : 3 * telling : 3], after[0, : 3 * telling : 3] = 100, 150
    assert Reference(before).light_of(after, 1.0) == light


def test_more_light_is_no_contrast():
    before = pixels()
    assert np.abs(Reference(before).contrast(before * 1.2, 1.2)).max() < 1e-6


def test_contrast_is_the_ratio_by_the_logarithm():
    before = np.full((2, 2), 60.0)
    # (160 + 40) / (60 + 40).
    assert np.allclose(Reference(before).contrast(np.full((2, 2), 160.0), 1.0), np.log(2))


def test_contrast_is_a_difference_of_logarithms():
    generator = np.random.default_rng(1)
    before, after = generator.uniform(0, 255, (2, 60, 90)).astype("float32")
    for light in (0.8, np.float32(1.0), np.float32(1.3)):
        expected = np.log(after + 40.0) - np.log(np.minimum(light * before, 255) + 40.0)
        expected[(before > 245) & (expected > 0)] = 0
        found = Reference(before).contrast(after, light)
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_was_cut_off_may_have_been_any_brighter():
    white = Reference(np.full((2, 2), 250.0))
    assert not white.contrast(np.full((2, 2), 255.0), 0.8).any()
    assert (white.contrast(np.full((2, 2), 100.0), 1.0) < -0.7).all()


def test_what_was_seen_is_compared_with_from_then_on():
    before, after = np.full((2, 2), 60.0), np.full((2, 2), 160.0)
    first = Reference(before)
    renewed = first.renewed(np.array([[True, False], [False, False]]), after)
    np.testing.assert_allclose(renewed.contrast(after, 1.0), np.log([[1, 2], [2, 2]]))
    np.testing.assert_allclose(first.contrast(after, 1.0), np.log(2))
