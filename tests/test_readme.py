"""The README keeps its word: its code runs, its commands and files exist."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgedet import files, images
from edgedet.cli.main import COMMANDS, main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SHIPPED = Path("exports") / "phantom-128-int8.tflite"
TINY = ROOT / "tests" / "fixtures" / "tiny-int8.tflite"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def program_with(word):
    [program] = [block for block in blocks("python") if word in block]
    return program


def run(program, folder):
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def flags_used():
    """Yield (command, flag) of every `edgedet` command line in the README.

    The commands of `edgedet data` are called by both of their words.
    """
    for line in re.findall(r"edgedet [a-z]+[^`\n]*", "\n".join(blocks("sh")) + README):
        words = line.split()
        command = " ".join(words[1:3]) if words[1] == "data" else words[1]
        if words[1] in COMMANDS:
            yield from ((command, flag) for flag in ("", *re.findall(r"--[a-z0-9-]+", line)))


def test_there_are_ten_lines_for_the_board():
    assert len(program_with("frame, _").strip().splitlines()) <= 10


def test_the_board_program_runs(tmp_path):
    shipped = ROOT / SHIPPED
    (tmp_path / "exports").mkdir()
    shutil.copy(shipped if shipped.is_file() else TINY, tmp_path / SHIPPED)
    white = np.zeros((32, 32, 3), "uint8")
    white[8:12, 16:20] = 255
    files.write_bytes(tmp_path / "photograph.jpg", images.encode_jpeg(white))
    program = program_with("frame, _")
    if not shipped.is_file():
        # The fixture finds white things.
        program += "assert len(detections) == 1, detections\n"
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_training_program_runs(tmp_path):
    from edgedet.demo.data_set import write_data_set

    write_data_set(tmp_path / "datasets" / "wider_face", {"train": 40, "val": 4})
    program = program_with("Phantom(")
    assert "epochs=50" in program
    done = run(program.replace("epochs=50", "epochs=1"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "phantom-128-int8.tflite").is_file()
    assert 0 <= float(done.stdout.split()[-1]) <= 1


@pytest.mark.slow
def test_the_program_of_nexus_runs(tmp_path, clutter):
    coco = tmp_path / "datasets" / "coco"
    from edgedet.data import voc

    for split, count in (("train", 32), ("val", 4)):
        entries = {
            "categories": [{"id": i, "name": name} for i, name in enumerate(voc.CLASS_NAMES, 1)],
            "images": [{"id": i, "file_name": f"{i}.jpg"} for i in range(count)],
            "annotations": [
                {"id": i, "image_id": i, "category_id": 1 + i % 20, "bbox": [20, 30, 60, 50],
                 "area": 3000, "iscrowd": 0} for i in range(count)
            ],
        }  # fmt: skip
        place = coco / "annotations" / f"instances_{split}2017.json"
        files.write_text(place, json.dumps(entries))
        for i in range(count):
            image = images.encode_jpeg(clutter(i, (96, 128)))
            files.write_bytes(coco / f"{split}2017" / f"{i}.jpg", image)
    program = program_with("Nexus(")
    assert "epochs=50" in program and "input_size=(320, 320)" in program
    program = program.replace("epochs=50", "epochs=1").replace("(320, 320)", "(96, 96)")
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "nexus-320-int8.tflite").is_file()
    assert "'person': " in done.stdout


@pytest.mark.slow
def test_any_network_learns_to_round(tmp_path):
    made = """
import keras
images = keras.Input((32, 32, 3))
hidden = keras.layers.Conv2D(8, 3, padding="same", use_bias=False)(images)
hidden = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(hidden))
network = keras.Model(images, keras.layers.Conv2D(2, 1)(hidden))
batches = [keras.random.uniform((4, 32, 32, 3), seed=0)]
"""
    done = run(made + program_with("quantize_aware"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "network.tflite").stat().st_size > 1000


def test_every_command_is_listed():
    # Only those that this installation has.
    available = {name for name, module in COMMANDS.items() if importlib.util.find_spec(module)}
    assert available == {command.split()[0] for command, _ in flags_used()}


@pytest.mark.parametrize("command", sorted({command for command, _ in flags_used()}))
def test_every_flag_exists(command, capsys):
    assert main([*command.split(), "--help"]) == 0
    offered = capsys.readouterr().out
    for name, flag in flags_used():
        if name == command:
            assert flag in offered, f"edgedet {command} has no {flag}"


def test_every_file_it_names_is_there():
    named = re.findall(r"\]\(([^)#:]+)\)", README)
    named += re.findall(r"\btools/[a-z_]+(?:\.py)?", README)
    named += re.findall(r"`((?:[a-z]+/)+(?:[a-z_]+\.py)?)`", README)
    # What a reader makes by following it.
    made = {"dist/"}
    folders = (ROOT, ROOT / "edgedet")
    missing = [name for name in named if not any((folder / name).exists() for folder in folders)]
    assert set(missing) <= made


def test_every_folder_and_file_has_its_place_on_the_map():
    package = ROOT / "edgedet"
    folders = {path.parent.relative_to(package) for path in package.rglob("*.py")} - {Path(".")}
    files_of_the_root = {path.stem for path in package.glob("[a-z]*.py")}
    named = {f"`{folder.as_posix()}/`" for folder in folders}
    named |= {f"`{name}`" for name in files_of_the_root}
    assert not {name for name in named if name not in README}


def test_every_station_of_the_two_flows_is_there():
    [flows] = [block for block in blocks("text") if "annotation file" in block]
    stations = re.findall(r"\b([a-z]+)/(?:([a-z_]+)\.py)?", flows)
    assert len(stations) > 8
    for folder, module in stations:
        assert (ROOT / "edgedet" / folder / (f"{module}.py" if module else "")).exists()
