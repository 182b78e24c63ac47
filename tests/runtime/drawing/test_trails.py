import numpy as np

from edgedet.detections import Tracks
from edgedet.runtime.drawing.detections import colour
from edgedet.runtime.drawing.trails import LENGTH, Trails


def at(x, y, identity=1, state="matched"):
    boxes = np.array([[x - 5, y - 5, x + 5, y + 5]], "float32")
    one = np.ones(1, "float32")
    return Tracks(
        boxes, one, np.zeros(1, "int32"), track_ids=np.array([identity]), states=np.array([state])
    )


def test_a_trail_leads_from_where_it_was_to_where_it_is():
    trails, image = Trails(), np.zeros((100, 100, 3), "uint8")
    for x in (20, 50, 80):
        trails.add(at(x, 40))
    drawn = trails.draw(image, at(80, 40))
    assert (drawn[40, 20:81] == colour(1)).all()
    # Nowhere else, and not on the image itself.
    assert (drawn[:35] == 0).all() and (drawn[45:] == 0).all()
    assert (image == 0).all()


def test_only_sure_tracks_of_this_frame_have_one():
    trails, image = Trails(), np.zeros((100, 100, 3), "uint8")
    for x in (20, 50):
        trails.add(at(x, 40, identity=1))
        trails.add(at(x, 80, identity=2, state="tentative"))
    assert (trails.draw(image, at(50, 80, identity=2, state="tentative")) == 0).all()
    assert (trails.draw(image, Tracks.empty()) == 0).all()


def test_trails_are_short_and_forgotten():
    trails, image = Trails(), np.zeros((20, 400, 3), "uint8")
    for x in range(0, 400, 5):
        trails.add(at(x, 10))
    drawn = trails.draw(image, at(395, 10))
    assert (drawn[10, : 395 - 5 * LENGTH] == 0).all()
    assert (drawn[10, 400 - 5 * LENGTH : 395] != 0).any(axis=-1).all()
    for number in range(1000):
        trails.add(at(0, 0, identity=number + 2))
    assert len(trails) <= LENGTH + 1
