"""`detect --track` computes where something happens, and says what it computed."""

import json
from pathlib import Path

import numpy as np
import pytest

from edgedet.cli.main import main
from edgedet.files import write_bytes
from edgedet.images import encode_png, read

# Report nothing: then nobody is followed, which takes multiplications too.
NOTHING = ("--min-score", "1")
STAGED = Path(__file__).parent.parent / "fixtures" / "staged-int8.tflite"


@pytest.fixture
def video(tmp_path, clutter):
    """Twelve frames of a room; in two of them something flies by."""
    room = clutter(0, (96, 128)) // 2 + 40
    folder = tmp_path / "room"
    for number in range(12):
        frame = room.copy()
        if number in (5, 6):
            frame[40:60, 20 * number - 80 : 20 * number - 60] = 250
        write_bytes(folder / f"{number:03d}.png", encode_png(frame))
    return folder


def detect(video, *options, capsys):
    assert main(["detect", str(STAGED), str(video), "--json", *options]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_only_what_changes_is_computed(video, capsys):
    sparse = detect(video, "--track", *NOTHING, capsys=capsys)
    spent = [facts["compute"] for facts in sparse]
    # The gate alone is .034 of this network, a hundred times smaller than those we ship.
    assert spent[0] == pytest.approx(1.034, abs=0.002)
    assert spent[1:5] == spent[8:] == [pytest.approx(0.034, abs=0.002)] * 4
    assert all(0.1 < cost < 0.9 for cost in spent[5:8])
    assert all(facts["ms"]["inference"] == 0 for facts in sparse[8:])


def test_following_costs_multiplications_too(video, capsys):
    still = detect(video, "--track", capsys=capsys)[2:5]
    # Eighty for each of its tracks, and thirteen for each of them and each detection.
    assert all(facts["compute"] > 0.05 for facts in still)


def test_dense_is_asked_for(video, capsys):
    dense = detect(video, "--track", "--dense", *NOTHING, capsys=capsys)
    assert [facts["compute"] for facts in dense] == [1.0] * 12
    stills = detect(video, capsys=capsys)
    assert [facts["compute"] for facts in stills] == [1.0] * 12


def test_who_stands_still_is_seen_all_the_time(video, capsys):
    # In frames in which nothing runs, nobody coasts and nobody is forgotten.
    tracks = [
        {one["track_id"]: one["state"] for one in facts["detections"]}
        for facts in detect(video, "--track", capsys=capsys)[:5]
    ]
    sure = [number for number, state in tracks[1].items() if state == "matched"]
    assert len(sure) > 5
    for later in tracks[2:]:
        assert {later[number] for number in sure} == {"matched"}


def test_pictures_show_what_was_computed(video, tmp_path, capsys):
    detect(video, "--track", *NOTHING, "--save", str(tmp_path / "out"), capsys=capsys)
    meters = [
        read(tmp_path / "out" / f"{number:03d}-detected.jpg")[0][188].astype(int)
        for number in (0, 4, 6)
    ]
    # Yellow from the left as far as was computed; such frames are drawn twice as large.
    full, gate, part = (np.mean((row[:, 0] > 180) & (row[:, 2] < 90)) for row in meters)
    assert full > 0.95
    assert gate + 0.2 < part < full - 0.1


def test_people_read_what_was_computed(video, capsys):
    assert main(["detect", str(STAGED), str(video), "--track", *NOTHING]) == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if "found in" in line]
    assert "computed" not in heads[0]
    assert heads[2].endswith("ms, 3.4% computed")
