"""The agreement of targets: what counts as a partner, what is left out, what is told."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgedet.detections import Detections
from edgedet.images import encode_png

MODEL = Path(__file__).parents[2] / "exports" / "phantom-128-int8.tflite"
THERMAL = MODEL.with_name("nightvision-320-int8.tflite")


@pytest.fixture
def tool(load_tool):
    return load_tool("check_targets")


def found(*rows):
    boxes, scores, labels = zip(*rows, strict=True)
    return Detections(np.array(boxes, "float32"), np.array(scores, "float32"), np.array(labels))


ONE = ([0, 0, 10, 10], 0.5, 0)


@pytest.mark.parametrize(
    ("other", "alone"),
    [
        (([0, 0, 10, 10], 0.5, 0), 0),
        # 9 of 10 columns: an overlap of exactly .9, and then a little less.
        (([0, 0, 9, 10], 0.5, 0), 0),
        (([0, 0, 8.9, 10], 0.5, 0), 1),
        (([0, 0, 10, 10], 0.45, 0), 0),
        (([0, 0, 10, 10], 0.44, 0), 1),
        (([0, 0, 10, 10], 0.5, 1), 1),
    ],
)
def test_a_partner_has_the_label_the_box_and_the_score(tool, other, alone):
    assert tool.partnerless(found(ONE), found(other)) == alone


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"within_one": 0.9989}, False),
        ({"furthest": 4}, False),
        ({"alone": 1}, False),
    ],
)
def test_the_rule(tool, changes, holds):
    facts = {"values": 1000, "within_one": 0.999, "furthest": 3, "detections": 5, "alone": 0}
    assert tool.Agreement(**{**facts, **changes}).holds is holds


def test_what_is_missing_is_left_out_with_the_reason(tool, tmp_path):
    answered = tool.targets(tmp_path)
    assert [name for name, each in answered.items() if not isinstance(each, str)] == [
        "ai-edge-litert, plain kernels"
    ]
    assert "is missing; run tools/prepare_targets" in answered["tflite-micro"]


def test_frames_are_read_as_the_model_takes_them(tool, tmp_path, monkeypatch, capsys):
    """Any image file, or a message; the first ones are enough."""
    monkeypatch.setattr("sys.argv", ["check_targets", str(MODEL), str(tmp_path)])
    assert tool.main() == 1
    assert "expected images in this folder, found none" in capsys.readouterr().err
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(encode_png(np.full((4, 6, 3), number, "uint8")))
    frames = tool.frames_of([tmp_path], MODEL, 2)
    assert [(frame.shape, frame.max()) for frame in frames] == [((4, 6, 3), 0), ((4, 6, 3), 1)]
    counts = np.arange(24, dtype="uint16").reshape(4, 6) + 7000
    Image.fromarray(counts).save(tmp_path / "0.png")
    (frame,) = tool.frames_of([tmp_path], THERMAL, 1)
    assert frame.dtype == np.uint16 and frame.reshape(4, 6).tolist() == counts.tolist()


@pytest.mark.slow
def test_a_file_agrees_with_itself_and_a_broken_target_is_told(tool, tmp_path, clutter):
    frames = [clutter(seed, (128, 160)) for seed in range(2)]
    python = tmp_path / "tflite-micro" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho out of memory >&2\nexit 1\n")
    python.chmod(0o755)

    ours, answered = tool.check(MODEL, tmp_path, frames)

    assert answered["tflite-micro"] == "out of memory"
    mine = answered["ai-edge-litert, plain kernels"]
    assert mine.values == 2 * (32**2 + 16**2 + 8**2) * 5
    assert tool.agreement(ours, ours.outputs) == tool.Agreement(
        mine.values,
        1.0,
        0,
        2 * sum(int((each.scores >= 0.35).sum()) for each in ours.detections),
        0,
    )
    text = tool.report(MODEL, ours, answered)
    assert "| tflite-micro | - | - | - | left out: out of memory |" in text
