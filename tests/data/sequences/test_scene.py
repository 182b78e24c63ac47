import numpy as np
import pytest
from PIL import Image

from edgedet.data.sequences.scene import Background, film, joined
from edgedet.data.sequences.sprite import Sprite

SIZE = (96, 128)


def plain(colour, side=24, label=0):
    picture = Image.new("RGBA", (side, side), (*colour, 255))
    return Sprite(picture, np.array([0.0, 0, side, side]), label)


def black(boxes=()):
    boxes = np.array(boxes, float).reshape(-1, 4)
    return Background(Image.new("RGB", (192, 144)), boxes, np.full(len(boxes), 7))


@pytest.mark.parametrize("seed", range(5))
def test_boxes_are_where_the_objects_are(seed):
    shown = film(black(), [plain((250, 250, 250))], SIZE, 20, seed)
    for image, box, label in zip(shown.images, shown.boxes, shown.labels, strict=True):
        if not len(label) or label[0] < 0:
            continue
        rows, columns = np.nonzero(image.mean(axis=2) > 100)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        expected = np.clip(box[0], 0, [128, 96, 128, 96])
        np.testing.assert_allclose(found, expected, atol=2)


@pytest.mark.parametrize("seed", range(6))
def test_objects_of_the_background_are_where_the_camera_shows_them(seed):
    background = black([[70, 55, 110, 90]])
    background.picture.paste((250, 250, 250), (70, 55, 110, 90))
    shown = film(background, [], SIZE, 12, seed)
    for image, box in zip(shown.images, shown.boxes, strict=True):
        rows, columns = np.nonzero(image.mean(axis=2) > 110)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(found, np.clip(box[0], 0, [128, 96, 128, 96]), atol=2)


def test_each_object_is_seen_in_some_frame_and_keeps_its_number():
    for seed in range(10):
        shown = film(black(), [plain((250, 0, 0)), plain((0, 250, 0))], SIZE, 15, seed)
        ids = shown.track_ids
        assert (ids.max(axis=0) >= 0).all()
        assert ((ids == np.arange(ids.shape[1])) | (ids == -1)).all()
        np.testing.assert_array_equal(ids == -1, shown.labels == -1)


def test_who_is_hidden_has_no_label_but_a_box():
    # Two in the same place all the time: one behind the other.
    far, near = plain((250, 0, 0), 24, label=1), plain((0, 250, 0), 96, label=2)
    hidden = 0
    for seed in range(30):
        shown = film(black(), [far, near], SIZE, 10, seed)
        for visible, labels, boxes in zip(shown.visible, shown.labels, shown.boxes, strict=True):
            assert ((labels >= 0) == (visible >= 0.1)).all()
            if len(labels) == 2 and labels[0] < 0 and labels[1] >= 0:
                hidden += 1
                assert (boxes[0, 2:] > boxes[0, :2]).all()
    assert hidden > 0


def test_what_stands_in_the_way_is_not_annotated():
    shown = film(black(), [plain((250, 0, 0), label=1), plain((9, 9, 9), label=-1)], SIZE, 10, 0)
    assert set(np.unique(shown.labels)) <= {-1, 1}
    assert shown.labels.shape[1] == 1


def test_objects_of_the_background_move_as_it_does():
    shown = film(black([[60, 50, 90, 80]]), [], SIZE, 12, 3)
    # A square stays a square, whatever the camera does; half a pixel less is out of the frame.
    sides = shown.boxes[:, 0, 2:] - shown.boxes[:, 0, :2]
    np.testing.assert_allclose(sides[:, 0], sides[:, 1], rtol=1e-4)
    assert set(shown.labels.ravel()) <= {-1, 7}


def test_noise_and_gain_differ_from_film_to_film_but_not_for_the_same_seed():
    grey = Background(Image.new("RGB", (192, 144), (100, 100, 100)), np.zeros((0, 4)), np.zeros(0))
    films = [film(grey, [], SIZE, 30, seed).images.astype(float) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(films[0], films[1])
    assert (films[0] != films[2]).any()
    assert films[0][0].std() > 0.2, "noise"
    assert np.ptp(films[0].mean(axis=(1, 2, 3))) > 0.2, "the gain drifts"


def test_films_one_after_another_have_nobody_in_common():
    parts = [film(black([[60, 50, 90, 80]]), [plain((250, 0, 0))], SIZE, 4, s) for s in (0, 1)]
    both = joined(parts)
    assert both.reset.tolist() == [True, False, False, False] * 2
    assert both.images.shape[0] == 8
    first, second = (set(part[part >= 0]) for part in (both.track_ids[:4], both.track_ids[4:]))
    assert first and second and not first & second
    assert both.boxes.shape[1] == sum(part.labels.shape[1] for part in parts)
