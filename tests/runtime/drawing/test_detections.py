import numpy as np
import pytest

from edgedet.detections import Detections, Tracks
from edgedet.runtime.drawing.detections import draw
from edgedet.runtime.drawing.ink import colour


def detections_of(*boxes, labels=None):
    count = len(boxes)
    labels = np.zeros(count, "int32") if labels is None else np.array(labels, "int32")
    return Detections(np.array(boxes, "float32"), np.linspace(0.9, 0.5, count), labels)


def test_the_box_is_drawn_where_it_is():
    image = np.zeros((200, 300, 3), "uint8")
    drawn = draw(image, detections_of([50, 60, 150, 160]), ("face",))
    assert drawn.shape == image.shape
    assert (image == 0).all()
    for x, y in ((50, 110), (150, 110), (100, 60), (100, 160)):
        assert tuple(drawn[y, x]) == colour(0)
    # Nothing inside, nothing outside but the label above.
    assert (drawn[70:150, 60:140] == 0).all()
    assert (drawn[165:] == 0).all()
    assert (drawn[:, 170:] == 0).all()


def test_no_caption_hides_a_box():
    # The second box lies where the caption of the first is written.
    image = np.zeros((200, 300, 3), "uint8")
    found = detections_of([50, 60, 150, 160], [55, 50, 63, 58], labels=[0, 1])
    drawn = draw(image, found, ("face", "far"))
    for x, y in ((55, 54), (63, 54), (59, 50), (59, 58)):
        assert tuple(drawn[y, x]) == colour(1)


def test_lines_and_letters_grow_with_the_image():
    box = np.array([0.2, 0.3, 0.8, 0.9])
    areas = []
    for side in (100, 1000):
        image = np.zeros((side, side, 3), "uint8")
        areas.append((draw(image, detections_of(box * side), ("face",)) > 0).any(-1).sum())
    # Were both of one size, the larger image would have about ten times the ink.
    assert areas[1] > 15 * areas[0]


@pytest.mark.parametrize("box", [[0, 0, 5, 5], [25, 25, 32, 32], [0, 0, 32, 32], [3, 3, 3.2, 3.1]])
def test_labels_stay_inside_small_images(box):
    drawn = draw(np.zeros((32, 32, 3), "uint8"), detections_of(box), ("a long name",))
    assert drawn.shape == (32, 32, 3)
    assert drawn.any()


def test_nothing_found_changes_nothing():
    image = np.random.default_rng(0).integers(0, 256, (20, 20, 3), "uint8")
    np.testing.assert_array_equal(draw(image, Detections.empty(), ()), image)


def test_tracks_keep_their_colour_and_what_is_not_seen_is_darker():
    image = np.zeros((200, 300, 3), "uint8")

    def drawn(number, state):
        tracks = Tracks(
            np.array([[50, 60, 150, 160]], "float32"),
            np.ones(1),
            np.array([number % 2]),
            track_ids=np.array([number]),
            states=np.array([state]),
        )
        return draw(image, tracks, ("cat", "dog"))

    assert tuple(drawn(4, "matched")[110, 50]) == colour(4)
    assert tuple(drawn(5, "matched")[110, 50]) == colour(5)
    for state in ("coasting", "tentative"):
        assert tuple(drawn(4, state)[110, 50]) == tuple(part // 2 for part in colour(4))
    # The number stands before the name: the label is wider than that of a detection.
    plain = draw(image, detections_of([50, 60, 150, 160]), ("cat",))
    assert (drawn(4, "matched")[:59] > 0).any(-1).sum() > (plain[:59] > 0).any(-1).sum()
