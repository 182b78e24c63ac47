from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgedet.evaluation.compute_plot import compute_from, compute_of, write_compute_plot
from edgedet.runtime import EdgeDetector

STAGED = Path(__file__).parent.parent / "fixtures" / "staged-int8.tflite"


@pytest.fixture(scope="module")
def detect():
    return EdgeDetector.load(STAGED)


def room(number=0):
    """Return what reads a frame; from the twentieth on, something stands in the room."""
    blocks = np.random.default_rng(0).integers(0, 256, (24, 32, 3)).astype("uint8")
    frame = blocks.repeat(4, axis=0).repeat(4, axis=1)
    if number >= 20:
        frame[40:60, 40:60] = 255
    return lambda: frame


def test_the_first_frame_costs_all_and_a_still_one_the_gate(detect):
    spent = compute_of(detect, [room()] * 5)
    macs = sum(stage.macs for stage in detect.manifest.stages)
    gate = 6 * 48 * 64 / macs
    np.testing.assert_allclose(spent, [1 + gate, gate, gate, gate, gate], rtol=1e-6)


def test_what_happens_costs_when_it_happens(detect):
    spent = compute_of(detect, [room(number) for number in range(30)])
    assert spent[20] > 5 * spent[19]
    assert spent[25] == spent[19]


def test_beginnings_are_spread_over_the_sequence(detect):
    begun = compute_from(detect, [room(number) for number in range(45)], starts=4)
    # From frames 0, 5, 10 and 15 on: what comes in frame 20 is their 21st to 6th.
    assert begun.shape == (4, 30)
    assert (begun[:, 0] > 1).all()
    assert begun[:, 1:].argmax(1).tolist() == [19, 14, 9, 4]


def test_a_sequence_that_is_too_short_is_refused(detect):
    with pytest.raises(ValueError, match="expected 30 or more, received 29"):
        compute_from(detect, [room()] * 29)


def test_the_picture_shows_both(tmp_path):
    begun = np.full((10, 30), 0.3)
    begun[:, 0] = 1
    write_compute_plot(tmp_path / "compute.png", np.full(100, 0.2), begun, "a model on a film")
    picture = np.asarray(Image.open(tmp_path / "compute.png").convert("L"))
    assert picture.shape[1] > 2 * picture.shape[0]
    halves = np.array_split(picture, 2, axis=1)
    assert all((half < 128).mean() > 0.005 for half in halves)
