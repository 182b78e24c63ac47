import numpy as np
import pytest

from edgedet.data import mot
from edgedet.detections import Tracks
from edgedet.errors import OutputError
from edgedet.runtime.mot_file import mot_file


def tracks(boxes, ids, states):
    count = len(boxes)
    return Tracks(
        np.array(boxes, "float32"),
        np.linspace(0.9, 0.5, count).astype("float32"),
        np.zeros(count, "int32"),
        track_ids=np.array(ids, "int32"),
        states=np.array(states),
    )


def test_lines_by_hand(tmp_path):
    path = tmp_path / "out" / "tracks.txt"
    with mot_file(path) as write:
        states = ["matched", "tentative", "coasting"]
        write(1, tracks([[0, 0, 10, 20], [1, 1, 2, 2], [5.5, 6, 7.25, 9]], [3, 5, 4], states))
        write(2, Tracks.empty())
        write(3, tracks([[-2, 0, 8, 20]], [3], ["matched"]))
    # Pixels count from 1; who is tentative is left out.
    assert path.read_text().splitlines() == [
        "1,3,1.00,1.00,10.00,20.00,0.9000,-1,-1,-1",
        "1,4,6.50,7.00,1.75,3.00,0.5000,-1,-1,-1",
        "3,3,-1.00,1.00,10.00,20.00,0.9000,-1,-1,-1",
    ]


def test_our_reader_reads_it(tmp_path):
    found = tracks([[1.5, 2, 30, 40]], [7], ["matched"])
    (tmp_path / "img1").mkdir()
    (tmp_path / "img1" / "000001.jpg").touch()
    with mot_file(tmp_path / "gt" / "gt.txt") as write:
        write(1, found)
    (dataset,) = mot.read_sequences(tmp_path)
    np.testing.assert_allclose(dataset[0].boxes, found.boxes)
    np.testing.assert_array_equal(dataset[0].track_ids, [7])


def test_whole_or_not_at_all(tmp_path):
    path = tmp_path / "tracks.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), mot_file(path) as write:
        write(1, tracks([[0, 0, 1, 1]], [1], ["matched"]))
        raise RuntimeError
    assert path.read_text() == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["tracks.txt"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    refused = pytest.raises(OutputError, match="tracks.txt: cannot be written")
    with refused, mot_file(tmp_path / "file" / "tracks.txt"):
        pass
