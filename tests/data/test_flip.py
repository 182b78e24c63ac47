import numpy as np
import tensorflow as tf

from edgedet.data.flip import flip, mirror


def batch(count=8):
    generator = np.random.default_rng(0)
    corners = np.sort(generator.uniform(0, 32, (count, 3, 2, 2)), axis=2)
    return {
        "images": tf.constant(generator.uniform(0, 1, (count, 24, 32, 3)), tf.float32),
        "boxes": tf.constant(corners.reshape(count, 3, 4), tf.float32),
        "labels": tf.constant(generator.integers(-1, 5, (count, 3)), tf.int32),
        "ignored": tf.constant(generator.integers(0, 2, (count, 3)) > 0),
    }


def test_mirror_by_hand():
    np.testing.assert_array_equal(mirror(tf.constant([[2.0, 3, 10, 7]]), 32), [[22, 3, 30, 7]])


def test_mirroring_twice_is_nothing():
    boxes = batch()["boxes"]
    np.testing.assert_allclose(mirror(mirror(boxes, 32), 32), boxes, atol=1e-5)


def test_flipping_twice_is_nothing():
    before, seed = batch(), tf.constant([1, 2])
    after = flip(flip(before, 0.5, seed), 0.5, seed)
    for name, value in before.items():
        np.testing.assert_allclose(after[name], value, atol=1e-5, err_msg=name)


def test_pixels_go_with_their_boxes():
    image = np.zeros((1, 24, 32, 3), "float32")
    image[0, 4:9, 3:12] = 1
    before = {"images": tf.constant(image), "boxes": tf.constant([[[3.0, 4, 12, 9]]])}
    after = flip(before, 1.0, tf.constant([0, 0]))
    x1, y1, x2, y2 = after["boxes"].numpy()[0, 0].astype(int)
    shown = after["images"].numpy()[0, ..., 0]
    assert shown[y1:y2, x1:x2].all()
    assert shown.sum() == 5 * 9


def test_about_half_are_flipped_and_the_rest_left_alone():
    before = batch(64)
    after = flip(before, 0.5, tf.constant([3, 4]))
    left = (after["images"].numpy() == before["images"].numpy()).all(axis=(1, 2, 3))
    assert 16 < left.sum() < 48
    np.testing.assert_array_equal(after["boxes"][left], before["boxes"][left])
    mirrored = mirror(before["boxes"], 32)
    np.testing.assert_array_equal(after["boxes"][~left], mirrored[~left])


def test_labels_stay_with_their_boxes():
    before = batch()
    after = flip(before, 1.0, tf.constant([0, 0]))
    for name in ("labels", "ignored"):
        np.testing.assert_array_equal(after[name], before[name])


def test_none_and_all():
    before, seed = batch(), tf.constant([5, 6])
    np.testing.assert_array_equal(flip(before, 0.0, seed)["images"], before["images"])
    np.testing.assert_array_equal(flip(before, 1.0, seed)["images"], before["images"][:, :, ::-1])
