"""Tracks are measured with what they cost."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from edgedet.data import mot
from edgedet.evaluation import evaluate_tracking
from edgedet.files import write_bytes
from edgedet.images import encode_png
from edgedet.manifest import Manifest
from edgedet.runtime import EdgeDetector
from edgedet.runtime.engine import LiteRTEngine

STAGED = Path(__file__).parent.parent / "fixtures" / "staged-int8.tflite"


@pytest.fixture
def data(tmp_path, clutter):
    """A room in which nothing happens, and one that is another in each frame."""
    for name, scenes in (("face_still", [0] * 8), ("face_wild", range(8))):
        for number, seed in enumerate(scenes, start=1):
            blocks = np.random.default_rng(seed).integers(0, 256, (24, 32, 3)).astype("uint8")
            frame = blocks.repeat(4, axis=0).repeat(4, axis=1)
            write_bytes(tmp_path / name / "img1" / f"{number:06d}.png", encode_png(frame))
        lines = [f"{number},1,21,21,20,20,1,-1,-1,-1" for number in range(1, 9)]
        write_bytes(tmp_path / name / "gt" / "gt.txt", "\n".join(lines).encode())
    return tmp_path


def test_compute_is_the_mean_over_frames(data):
    manifest = dataclasses.replace(Manifest.read(STAGED), class_names=("face",))
    # Nothing is reported, so nobody is followed: that would cost something too.
    faces = EdgeDetector(LiteRTEngine(STAGED, manifest), manifest, min_score=1.0)
    sequences = mot.read_sequences(data)
    metrics = evaluate_tracking(faces, sequences)
    still, wild = (metrics["sequences"][name]["compute"] for name in ("face_still", "face_wild"))
    # The first frame in full, and the gate, which is .034 of this network.
    assert still == pytest.approx(1 / 8 + 0.034, abs=0.002)
    assert wild == pytest.approx(1.034, abs=0.002)
    assert metrics["compute"] == pytest.approx((still + wild) / 2)
    assert evaluate_tracking(faces, sequences, dense=True)["compute"] == 1
