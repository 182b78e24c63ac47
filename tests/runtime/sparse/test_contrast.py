import numpy as np

from edgedet.runtime.sparse.contrast import contrast, light_of


def pixels(seed=0):
    return np.random.default_rng(seed).uniform(30, 200, (48, 64)).astype("float32")


def test_light_is_what_most_pixels_have_in_common():
    before = pixels()
    after = before * 1.2
    # A third of the picture is something else.
    after[:16] = 100
    assert np.isclose(light_of(after, before, 1.0), 1.2, rtol=0.01)


def test_what_is_black_or_white_tells_no_light():
    dark = np.full((48, 64), 3.0, "float32")
    assert light_of(dark, dark, 0.7) == 0.7
    white = np.full((48, 64), 255.0, "float32")
    assert light_of(white, pixels(), 0.7) == 0.7


def test_more_light_is_no_contrast():
    before = pixels()
    assert np.abs(contrast(before * 1.2, before, 1.2)).max() < 1e-6


def test_contrast_is_the_ratio_by_the_logarithm():
    before = np.full((2, 2), 60.0)
    # (160 + 40) / (60 + 40).
    assert np.allclose(contrast(np.full((2, 2), 160.0), before, 1.0), np.log(2))


def test_what_was_cut_off_may_have_been_any_brighter():
    white = np.full((2, 2), 250.0)
    assert not contrast(np.full((2, 2), 255.0), white, 0.8).any()
    assert (contrast(np.full((2, 2), 100.0), white, 1.0) < -0.7).all()
