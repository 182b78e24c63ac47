"""The tools around object memories run, on sets that are too small to mean anything."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from edgedet.manifest import Manifest
from edgedet.models import Phantom
from edgedet.parts import append_part, load_part, read_part
from edgedet.runtime.tracking.memory import ObjectMemory

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "fixtures" / "tiny-int8.tflite"


def run(tool, *words):
    command = [sys.executable, str(ROOT / "tools" / tool), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def remembering(tmp_path):
    path = tmp_path / "remembering.tflite"
    shutil.copy(TINY, path)
    keras.utils.set_random_seed(0)
    append_part(path, "memory", Phantom().object_memory().weights_by_name())
    return path


def test_soak_counts_megabytes(remembering):
    lines = run("soak.py", "--model", remembering, "--frames", 40).splitlines()
    assert lines[-1].endswith("MB from frame 20 to 40")


def test_predictions_of_a_memory_that_learned_nothing_are_the_filters(remembering, tmp_path):
    sequence = tmp_path / "WALK"
    (sequence / "img1").mkdir(parents=True)
    (sequence / "gt").mkdir()
    lines = []
    for number in range(1, 21):
        Image.new("RGB", (160, 96)).save(sequence / "img1" / f"{number:06d}.png")
        lines.append(f"{number},1,{5 + 3 * number},20,30,50,1,-1,-1,-1")
    (sequence / "gt" / "gt.txt").write_text("\n".join(lines) + "\n")
    shown = run("compare_predictions.py", "--data", sequence, "--model", remembering).splitlines()
    assert [line.split()[:3] for line in shown] == [
        ["WALK", kind, frames] for kind in ("exact", "shaken") for frames in ("1", "3", "10")
    ]
    for line in shown:
        words = line.replace("(", "").replace(",", "").split()
        iou, filter_iou = words[words.index("IoU") + 1], words[words.index("filter") + 1]
        assert iou == filter_iou


@pytest.mark.slow
def test_a_trained_memory_is_a_part_that_a_device_reads(write_faces, tmp_path):
    data, out = write_faces(tmp_path / "data", train=6, val=4), tmp_path / "memory.npz"
    counts = ("--sequences", 16, "--held-out", 8, "--epochs", 1)
    run("train_memory.py", "phantom", "--data", data, "--out", out, *counts)
    memory = ObjectMemory(load_part(out))
    # As the memory that ships, number for number.
    shipped = load_part(ROOT / "exports" / "parts" / "phantom" / "memory.npz")
    assert memory.parameters == ObjectMemory(shipped).parameters


def test_evidence_is_measured_and_put_into_a_file(clutter, tmp_path):
    """The tiny network sees white cells; black ones that are annotated are never found."""
    model, data = tmp_path / "tiny.tflite", tmp_path / "data"
    shutil.copy(TINY, model)
    (data / "annotations").mkdir(parents=True)
    (data / "val2017").mkdir()
    images, boxes = [], []
    for number in range(4):
        frame = np.zeros((32, 32, 3), "uint8")
        frame[8:12, 16:20] = 255
        Image.fromarray(frame).save(data / "val2017" / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "height": 32, "width": 32})
        # Half of what is seen is right.
        place = [14, 6, 8, 8] if number % 2 else [0, 20, 8, 8]
        boxes.append({"id": number + 1, "image_id": number, "category_id": 1, "bbox": place})
    name = Manifest.read(TINY).class_names[0]
    content = {
        "images": images,
        "annotations": [{**box, "area": 64, "iscrowd": 0} for box in boxes],
        "categories": [{"id": 1, "name": name}],
    }
    (data / "annotations" / "instances_val2017.json").write_text(json.dumps(content))
    run("measure_evidence.py", model, "--data", data)
    assert set(read_part(model, "evidence")) == {"slope", "neutral"}
