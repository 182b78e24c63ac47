from types import SimpleNamespace

import numpy as np
import pytest

from edgedet.metrics.tracking import sequence_metrics, tracking_metrics


def frame(*objects, ignored=()):
    """Return a frame of (identity, left) objects, 10 x 10 pixels each."""
    boxes = np.array([[left, 0, left + 10, 10] for _, left in objects], float).reshape(-1, 4)
    return SimpleNamespace(
        boxes=boxes,
        track_ids=np.array([identity for identity, _ in objects], int),
        ignored=np.isin(np.arange(len(objects)), ignored),
    )


def test_perfect():
    frames = [frame((1, 0), (2, 50)), frame((1, 5), (2, 45))]
    assert tracking_metrics(frames, frames) == {"mota": 1.0, "idf1": 1.0, "idsw": 0}


def test_a_switch_by_hand():
    truths = [frame((1, 0)) for _ in range(4)]
    tracks = [frame((7, 0)), frame((7, 0)), frame((8, 0)), frame((8, 0))]
    metrics = tracking_metrics(tracks, truths)
    # One switch of four objects; one of the two tracks explains two of four frames.
    assert metrics == {"mota": 0.75, "idf1": 0.5, "idsw": 1}


def test_misses_and_false_alarms_by_hand():
    truths = [frame((1, 0)), frame((1, 0)), frame((1, 0)), frame((1, 0))]
    tracks = [frame((7, 0)), frame((7, 0)), frame(), frame((7, 0), (9, 100))]
    metrics = tracking_metrics(tracks, truths)
    # A miss and a false alarm of four; identity: 2 * 3 / (2 * 3 + 1 + 1).
    assert metrics == {"mota": 0.5, "idf1": 0.75, "idsw": 0}


def test_half_an_overlap_is_needed():
    truth = [frame((1, 0))]
    # Boxes of 10 pixels moved by 10 / 3 overlap by one half exactly: (20/3) / (40/3).
    assert tracking_metrics([frame((1, 3.2))], truth)["mota"] == 1.0
    assert tracking_metrics([frame((1, 3.5))], truth)["mota"] == -1.0
    assert tracking_metrics([frame((1, 3.5))], truth, iou_threshold=0.4)["mota"] == 1.0


def test_ignored_objects_are_left_out():
    assert tracking_metrics([frame()], [frame((1, 0), ignored=[0])])["mota"] is None
    metrics = tracking_metrics([frame((5, 0))], [frame((1, 0), (2, 50), ignored=[1])])
    assert metrics == {"mota": 1.0, "idf1": 1.0, "idsw": 0}


def test_nothing_there():
    assert tracking_metrics([frame()], [frame()]) == {"mota": None, "idf1": None, "idsw": 0}


def test_sequences_count_by_their_objects_and_share_no_identities():
    short = [frame((1, 0))]
    long = [frame((1, 0), (2, 50), (3, 100))]
    overall, each = sequence_metrics({"short": ([frame()], short), "long": (long, long)})
    assert (each["short"]["mota"], each["long"]["mota"]) == (0.0, 1.0)
    # Three of four objects are found; identity: 2 * 3 / (2 * 3 + 1).
    assert overall == {"mota": 0.75, "idf1": pytest.approx(6 / 7), "idsw": 0}


def lines(path, count):
    rows = np.loadtxt(path, delimiter=",")
    for number in range(1, count + 1):
        here = rows[rows[:, 0] == number]
        yield SimpleNamespace(
            boxes=np.hstack([here[:, 2:4], here[:, 2:4] + here[:, 4:6]]),
            track_ids=here[:, 1].astype(int),
            ignored=here[:, 6] == 0,
        )


@pytest.mark.parametrize(
    ("name", "frames", "mota", "idf1", "switches"),
    [
        ("TUD-Stadtmitte", 179, 56.4, 64.5, 7),
        ("TUD-Campus", 71, 52.6, 55.8, 7),
        ("KITTI-17", 145, 40.8, 55.8, 6),
    ],
)
def test_published_numbers(real_data, name, frames, mota, idf1, switches):
    folder = real_data / "video" / "mot_reference"
    tracks = list(lines(folder / "res" / f"{name}.txt", frames))
    truths = list(lines(folder / "gt" / f"{name}.txt", frames))
    metrics = tracking_metrics(tracks, truths)
    assert round(100 * metrics["mota"], 1) == mota
    assert round(100 * metrics["idf1"], 1) == idf1
    assert metrics["idsw"] == switches
