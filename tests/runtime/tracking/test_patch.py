import numpy as np

from edgedet.runtime.tracking.patch import patches


def test_the_light_makes_no_difference_and_colours_do(clutter):
    frame = clutter(0, (60, 80)) // 2 + 20
    boxes = np.array([[10.0, 10, 50, 50]])
    brighter, swapped = (frame * 1.6).astype("uint8"), frame[..., ::-1]
    here, lit, other = (patches(image, boxes, 8) for image in (frame, brighter, swapped))
    assert here.shape == (1, 8 * 8 * 3) and here.dtype == np.float32
    np.testing.assert_allclose(lit, here, atol=0.35)
    assert np.abs(lit - here).mean() < 0.1 < np.abs(other - here).mean()
    np.testing.assert_allclose(here.mean(), 0, atol=1e-5)


def test_pixels_by_hand():
    # Left half black, right half white; two pixels each way are one of the patch.
    frame = np.zeros((4, 4, 3), "uint8")
    frame[:, 2:] = 200
    patch = patches(frame, np.array([[0, 0, 4, 4]]), 2).reshape(2, 2, 3)
    # Mean 100, standard deviation 100, of which plain pictures get 8 more.
    np.testing.assert_allclose(patch[:, 0], -100 / 108, rtol=1e-5)
    np.testing.assert_allclose(patch[:, 1], 100 / 108, rtol=1e-5)


def test_a_box_beyond_the_frame_sees_its_border():
    frame = np.zeros((10, 10, 3), "uint8")
    frame[:, -1] = 90
    patch = patches(frame, np.array([[5.0, 0, 105, 10]]), 8).reshape(8, 8, 3)
    np.testing.assert_allclose(patch[:, 1:], patch[0, 1, 0], atol=1e-5)


def test_one_band_is_grey():
    frame = np.arange(100, dtype="uint8").reshape(10, 10, 1)
    boxes = np.array([[0.0, 0, 10, 10], [2, 2, 5, 5]])
    np.testing.assert_array_equal(
        patches(frame, boxes, 4), patches(np.repeat(frame, 3, axis=2), boxes, 4)
    )


def test_nobody_has_no_patch():
    assert patches(np.zeros((8, 8, 3), "uint8"), np.zeros((0, 4)), 4).shape == (0, 48)
