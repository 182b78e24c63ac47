"""Videos for choosing: what moves, what only seems to, and who is held out."""

import dataclasses

import numpy as np
import pytest

from edgedet.data.record import Dataset, Record
from edgedet.files import write_bytes
from edgedet.images import encode_png


@pytest.fixture
def tool(load_tool):
    return load_tool("simulated_video")


@pytest.fixture
def record(tmp_path, clutter):
    """A photograph with one object, 100 pixels tall."""
    path = tmp_path / "photograph.png"
    write_bytes(path, encode_png(clutter(0, (240, 320))))
    box = np.array([[100, 80, 160, 180]], "float32")
    return Record(path, box, np.zeros(1, "int32"), np.zeros(1, bool))


def film(tool, record, **facts):
    """Return frames and scenes of a short film without compression."""
    chosen = dataclasses.replace(tool.Film(frames=8, quality=None), **facts)
    shown = tool.simulate_with_scene(chosen, record, record, seed=3)
    return (np.stack(arrays).astype(float) for arrays in zip(*shown, strict=True))


@pytest.mark.parametrize("nuisance", [{"noise": 8.0}, {"light": 0.3}, {"flicker": 0.1}])
def test_noise_and_light_change_frames_but_nothing_that_is_there(tool, record, nuisance):
    frames, scenes = film(tool, record, **{"noise": 0.0, "light": 0.0, **nuisance})
    assert (scenes == scenes[0]).all()
    assert np.abs(frames - frames[0]).mean() > 1


def test_the_wind_moves_a_part_of_the_picture_and_no_object(tool, record):
    frames, scenes = film(tool, record, noise=0.0, light=0.0, sway=2.0)
    assert (scenes == scenes[0]).all()
    columns = np.abs(frames - frames[0]).max(axis=(0, 1, 3)) > 0
    assert 0.15 < columns.mean() < 0.6


def test_what_moves_is_there(tool, record):
    _, scenes = film(tool, record, side=(0.3, 0.4))
    assert (np.abs(scenes[-1] - scenes[0]) > 20).any()


def test_frames_are_those_of_a_film_with_its_objects(tool, record):
    chosen = tool.Film(frames=4, side=(0.3, 0.4), sway=1.0)
    frames = [frame for frame, _ in tool.simulate(chosen, record, record, 3)]
    again = [frame for frame, _ in tool.simulate_with_scene(chosen, record, record, 3)]
    np.testing.assert_array_equal(frames, again)


def test_nobody_learns_from_what_is_held_out(tool, record):
    records = [dataclasses.replace(record, image_id=number) for number in range(100)]
    small = dataclasses.replace(record, boxes=record.boxes / 2, image_id=100)
    crowd = dataclasses.replace(record, ignored=np.ones(1, bool), image_id=101)
    dataset = Dataset([*records, small, crowd], ("face",), (1,))
    compared, learned = ([r.image_id for r in part] for part in tool.subjects(dataset))
    assert len(compared) == tool.HELD_OUT
    assert sorted(compared + learned) == list(range(100))
