from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from edgedet.cli.arguments import (
    count,
    distance,
    frame_size,
    kelvin,
    lasting_path,
    names,
    nonempty,
    part,
    path,
    share,
    threads,
)
from edgedet.cli.main import main


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (count, "1", 1),
        (count, "007", 7),
        (share, "0", 0.0),
        (share, "1", 1.0),
        (share, ".25", 0.25),
        (part, ".25", 0.25),
        (distance, "0", 0.0),
        (distance, "1.5", 1.5),
        # Width first, as cameras are named; height first, as arrays are.
        (frame_size, "640x480", (480, 640)),
        (kelvin, "0.01", (0.01, 0.0)),
        (kelvin, "0.04,273.15", (0.04, 273.15)),
        (frame_size, "8X6", (6, 8)),
        (frame_size, "16384x1", (1, 16384)),
        (threads, "256", 256),
        (names, "cat, dog,,", ("cat", "dog")),
        (path, "a b/c", Path("a b/c")),
        # Good from any folder, and a link stays what it is.
        (lasting_path, "a/b", f"{Path.cwd()}/a/b"),
        (lasting_path, "/a/../b", "/a/../b"),
    ],
)
def test_what_is_read(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "texts"),
    [
        # The superscript two is a digit to Python.
        (count, ["0", "-1", "1.5", "nan", "", "many", "\u00b2"]),
        (share, ["-0.1", "1.01", "nan", "inf", "", "much"]),
        (part, ["0", "1", "nan", "", "half"]),
        (distance, ["-1", "nan", "inf", "", "far"]),
        (frame_size, ["640", "0x480", "640x0", "640x", "axb", "-1x5", "1x2x3"]),
        # More than any machine has ends in a crash.
        (frame_size, ["16385x1", "100000x100000"]),
        (kelvin, ["0", "-1", "nan", "inf", "1,inf", "1,a", ""]),
        (threads, ["0", "257", "100000"]),
        (names, ["", ",", " , "]),
        # A script's unset variable would mean the folder it runs in.
        *((read, ["", " "]) for read in (path, lasting_path, nonempty)),
    ],
)
def test_what_is_refused_is_named(read, texts):
    for text in texts:
        with pytest.raises(ArgumentTypeError, match="expected .*, found"):
            read(text)


@pytest.mark.parametrize(
    ("command", "flag"),
    [
        *(("detect m.tflite a.png", flag) for flag in ("--threads", "--min-score", "--raw")),
        *(("bench m.tflite", flag) for flag in ("--threads", "--runs", "--frame")),
        *(("evaluate m.tflite --data d", flag) for flag in ("--threads", "--points")),
        *(("data show --data d", flag) for flag in ("--batches", "--images")),
        ("data shard --data d --out s", "--shards"),
        ("export run f.tflite", "--qat"),
        ("tune phantom-wider --data d --out s", "--trials"),
        *(("train phantom-wider --data d --out r", flag) for flag in ("--epochs", "--batch-size")),
        ("train phantom-wider --data d --out r", "--learning-rate"),
    ],
)
@pytest.mark.parametrize("number", ["-1", "nan", "many"])
def test_a_number_that_is_none_is_wrong_usage_of_every_command(
    command, flag, number, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main([*command.split(), f"{flag}={number}"]) == 2
    assert flag in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        ["detect", "m.tflite", ""],
        ["evaluate", "m.tflite", "--data", ""],
        ["train", "phantom-wider", "--out", "r", "--data", ""],
        ["data", "show", "--data", ""],
        ["export", "", "f.tflite"],
    ],
)
def test_an_empty_path_is_wrong_usage(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    assert "expected a path, found" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
