import numpy as np
import pytest

from edgedet.demo.faces import draw_face
from edgedet.demo.pictures import MIN_FACES, unseen_scenes
from edgedet.demo.scenes import MAX_FACES, MAX_SIDE, MIN_SIDE, SIZES, draw_scene

COUNT = 60


def scene(index, scale=1):
    return draw_scene(np.random.default_rng([11, index]), scale)


@pytest.fixture(scope="module")
def scenes():
    return [scene(index) for index in range(COUNT)]


def test_faces_have_the_promised_sizes(scenes):
    boxes = np.concatenate([drawn.boxes for drawn in scenes])
    sides = boxes[:, 2:] - boxes[:, :2]
    assert sides.min() >= MIN_SIDE
    assert sides.max() <= MAX_SIDE
    # Small and large ones both occur, or the promise is empty.
    assert sides.max(axis=1).min() < 20
    assert sides.max(axis=1).max() > 45


def test_faces_lie_inside_their_image(scenes):
    for drawn in scenes:
        height, width = drawn.image.shape[:2]
        assert (width, height) in SIZES
        assert (drawn.boxes >= 0).all()
        assert (drawn.boxes <= [width, height, width, height]).all()


def test_some_scenes_are_empty_and_some_crowded(scenes):
    counts = [len(drawn.boxes) for drawn in scenes]
    assert 1 <= counts.count(0) <= COUNT // 4
    assert max(counts) == MAX_FACES
    assert np.mean(counts) > 2


def test_the_same_state_draws_the_same_scene():
    first, second, other = scene(5), scene(5), scene(6)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.boxes, second.boxes)
    assert not np.array_equal(first.boxes, other.boxes)


def test_a_larger_drawing_is_the_same_scene():
    same = 0
    for index in range(12):
        small, large = scene(index), scene(index, scale=3)
        assert large.image.shape[:2] == tuple(3 * side for side in small.image.shape[:2])
        if large.boxes.shape == small.boxes.shape:
            # Faces are turned and cut to whole pixels, so a side may move by two small ones.
            same += np.abs(large.boxes / 3 - small.boxes).max(initial=0) <= 2
    # In a crowd a pixel may decide whether there is room.
    assert same >= 10


def test_the_box_holds_the_face_and_no_more():
    generator = np.random.default_rng(3)
    for height in (14, 30, 56):
        patch = draw_face(generator, height)
        x1, y1, x2, y2 = patch.box
        # Turned by up to 25 degrees an oval is hardly lower, and never much taller.
        assert 0.85 * height <= y2 - y1 <= 1.1 * height
        assert 0.65 * height <= x2 - x1 <= 1.05 * height
        alpha = np.asarray(patch.picture)[y1:y2, x1:x2, 3]
        # An ellipse fills pi / 4 of its box.
        assert (alpha > 128).mean() > 0.7


def test_unseen_scenes_are_worth_looking_at():
    pictures = unseen_scenes(3, scale=1)
    assert len(pictures) == 3
    assert all(len(drawn.boxes) >= MIN_FACES for drawn in pictures)
