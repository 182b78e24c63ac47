import dataclasses
import json
import shutil

import numpy as np
import pytest

from edgedet.cli.main import main
from edgedet.images import read
from edgedet.runtime import EdgeDetector


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_line_of_json_per_image(tiny, photograph, capsys):
    assert main(["detect", str(tiny), str(photograph), "--json"]) == 0
    (facts,) = lines(capsys)
    assert list(facts) == ["source", "frame", "width", "height", "detections", "ms", "compute"]
    assert facts["source"] == str(photograph)
    assert (facts["frame"], facts["width"], facts["height"], facts["compute"]) == (0, 32, 32, 1)
    assert list(facts["ms"]) == ["preprocess", "inference", "postprocess", "total"]
    (found,) = facts["detections"]
    assert list(found) == ["box", "score", "label", "name"]
    np.testing.assert_allclose(found["box"], [14, 6, 22, 14], atol=0.02)
    assert (found["label"], found["name"]) == (0, "white")
    assert found["score"] == pytest.approx(0.982, abs=0.002)


def test_text_for_people(tiny, photograph, capsys):
    assert main(["detect", str(tiny), str(photograph)]) == 0
    head, found = capsys.readouterr().out.splitlines()
    assert head.startswith(f"{photograph}: 1 found in ")
    assert found.split() == ["0.98", "white", "14.0", "6.0", "22.0", "14.0"]


def test_several_sources(tiny, photograph, tmp_path, capsys):
    sequence = tmp_path / "walk" / "img1"
    sequence.mkdir(parents=True)
    for name in ("000001.png", "000002.png"):
        shutil.copy(photograph, sequence / name)
    assert main(["detect", str(tiny), str(photograph), str(sequence.parent), "--json"]) == 0
    assert [facts["frame"] for facts in lines(capsys)] == [0, 1, 2]


def test_standard_deviations_stand_beside_the_box(tiny, photograph, monkeypatch, capsys):
    timed = EdgeDetector.timed

    def with_deviations(detect, frame):
        detections, milliseconds = timed(detect, frame)
        box_std = np.array([[1.234, 2, 3, 4.5]], "float32")
        return dataclasses.replace(detections, box_std=box_std), milliseconds

    monkeypatch.setattr(EdgeDetector, "timed", with_deviations)
    main(["detect", str(tiny), str(photograph), "--json"])
    (found,) = lines(capsys)[0]["detections"]
    assert found["box_std"] == [1.23, 2.0, 3.0, 4.5]


def test_min_score(tiny, photograph, capsys):
    main(["detect", str(tiny), str(photograph), "--json", "--min-score", "0.99"])
    assert lines(capsys)[0]["detections"] == []


@pytest.mark.parametrize("wrong", ["1.5", "-0.1", "nan", "much"])
def test_a_score_that_is_none_is_wrong_usage(tiny, photograph, wrong):
    assert main(["detect", str(tiny), str(photograph), f"--min-score={wrong}"]) == 2
    assert main(["detect", str(tiny), str(photograph), "--threads=0"]) == 2


def test_save_draws_into_new_files(tiny, photograph, tmp_path, capsys):
    other = tmp_path / "other" / photograph.name
    other.parent.mkdir()
    shutil.copy(photograph, other)
    before = photograph.read_bytes()

    # Into the folder of the source itself: the source stays what it is.
    assert main(["detect", str(tiny), str(photograph), str(other), "--save", str(tmp_path)]) == 0

    assert photograph.read_bytes() == before
    saved = sorted(path.name for path in tmp_path.glob("*.jpg"))
    assert saved == ["white-detected-2.jpg", "white-detected.jpg"]
    drawn, size = read(tmp_path / saved[0])
    assert size == (32, 32)
    red, green = (drawn[13:15, 14:22, band].astype(int) for band in (0, 1))
    assert (green - red).mean() > 40  # The lower side of the box, green on black and white.
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "other",
        *saved,
        "white.png",
    ]


def test_a_bad_image_among_others_is_counted_and_skipped(tiny, photograph, tmp_path, capsys):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    assert main(["detect", str(tiny), str(bad), str(photograph), "--json"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert f"skipped: {bad}" in said.err
    assert "1 of 2 images" in said.err


def test_bad_images_only_are_a_failure(tiny, tmp_path, capsys):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    assert main(["detect", str(tiny), str(bad)]) == 1
    assert capsys.readouterr().err.startswith(f"edgedet: {bad}: expected a readable image")
    assert main(["detect", str(tiny), str(bad), str(bad)]) == 1


@pytest.mark.parametrize(
    ("model", "source", "message"),
    [
        ("none.tflite", "white.png", "none.tflite: there is no such model file"),
        ("white.png", "white.png", "white.png carries no edgedet manifest"),
        (None, "none.jpg", "none.jpg: there is no such file or folder"),
        (None, "0", "0: there is no such file or folder"),
    ],
)
def test_what_is_missing_is_named(tiny, photograph, monkeypatch, capsys, model, source, message):
    monkeypatch.chdir(photograph.parent)
    assert main(["detect", model or str(tiny), source]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"edgedet: {message}")
    assert said.out == ""


def test_a_folder_that_cannot_be_written(tiny, photograph, tmp_path, capsys):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    assert main(["detect", str(tiny), str(photograph), "--save", str(in_the_way / "out")]) == 1
    said = capsys.readouterr()
    assert "cannot be written" in said.err
    # It failed before it spent time on images.
    assert said.out == ""
