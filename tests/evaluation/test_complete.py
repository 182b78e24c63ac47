import dataclasses
import math

import numpy as np
import pytest

from edgedet import outputs
from edgedet.data.layouts import open_dataset
from edgedet.data.shards.writer import write_shards
from edgedet.evaluation import evaluate, evaluate_completely
from edgedet.manifest import Level, Manifest
from edgedet.metrics import names
from edgedet.runtime import EdgeDetector

# Sides half a stride from the centre of their cell: boxes are whole cells.
HALF_A_STRIDE = math.log(math.exp(0.5) - 1)


def engine(images):
    """Find a face in every one of 4 x 4 cells, each less surely than the one before it."""
    logits = np.linspace(2, -2, 16, dtype="float32").reshape(1, 4, 4, 1)
    return {
        "p5_class_logits": logits,
        "p5_box_raw": np.full((1, 4, 4, 4), HALF_A_STRIDE, "float32"),
        "p5_box_log_variance": np.zeros((1, 4, 4, 4), "float32"),
    }


@pytest.fixture
def detect():
    manifest = Manifest("phantom", (128, 128), ("face",), (Level("p5", 32),))
    return EdgeDetector(engine, manifest)


@pytest.fixture(scope="module")
def faces(tmp_path_factory, write_faces):
    return write_faces(tmp_path_factory.mktemp("faces"), val=4)


def cell(values):
    """Return a list as MATLAB keeps it, one value below the other."""
    column = np.empty((len(values), 1), object)
    for row, value in enumerate(values):
        column[row, 0] = value
    return column


@pytest.fixture(scope="module")
def lists(faces, tmp_path_factory):
    """Official lists of the drawn faces, all of which count in every setting."""
    scipy_io = pytest.importorskip("scipy.io")
    records = open_dataset(faces, "val").records
    xywh = [np.hstack([r.boxes[:, :2], r.boxes[:, 2:] - r.boxes[:, :2]]) for r in records]
    content = {
        "event_list": cell([records[0].image.parent.name]),
        "file_list": cell([cell([record.image.stem for record in records])]),
        "face_bbx_list": cell([cell(xywh)]),
        "invalid_label_list": cell([cell([np.zeros((len(boxes), 1)) for boxes in xywh])]),
        "gt_list": cell([cell([np.arange(1, len(boxes) + 1)[:, None] for boxes in xywh])]),
    }
    folder = tmp_path_factory.mktemp("lists")
    for setting in names.WIDER_FACE_SETTINGS:
        scipy_io.savemat(folder / f"wider_{setting}_val.mat", content)
    return folder


def test_shards_keep_what_the_official_protocol_needs(detect, faces, lists, tmp_path):
    folder = open_dataset(faces, "val")
    write_shards(folder, tmp_path, "val")
    measured = [
        evaluate_completely(detect, data, lists) for data in (folder, open_dataset(tmp_path, "val"))
    ]
    assert measured[0].metrics == measured[1].metrics
    assert set(names.WIDER_FACE) <= measured[0].metrics.keys()
    # All faces count in all settings, and all are larger than 20 / 128 of the image.
    numbers = [measured[0].metrics[name] for name in names.WIDER_FACE_SETTINGS]
    assert 0 < numbers[0] == numbers[1] == numbers[2]
    assert list(measured[1].curves) == list(names.WIDER_FACE)


def test_data_without_an_official_protocol_gets_cocos_numbers(detect, faces, lists):
    data = dataclasses.replace(open_dataset(faces, "val"), protocol="")
    complete = evaluate_completely(detect, data, lists)
    assert complete.metrics == evaluate(detect, data).metrics
    assert complete.curves == {}


def test_without_lists_the_official_numbers_are_unknown(detect, faces, tmp_path):
    metrics = evaluate_completely(detect, open_dataset(faces, "val"), tmp_path / "none").metrics
    assert [metrics[name] for name in names.WIDER_FACE] == [None] * 5


def test_points_on_request(detect, faces, tmp_path):
    data = open_dataset(faces, "val")
    near, far = (
        evaluate_completely(detect, data, tmp_path / "none", points=pixels).metrics
        for pixels in (0.0, 99.0)
    )
    assert near["pd"] <= far["pd"] == 1.0
    assert far["false_alarms"] < near["false_alarms"]


def test_uncertainty_of_a_model_that_tells_it(detect, faces, tmp_path):
    kinds = (*detect.manifest.kinds, outputs.of_role(outputs.KINDS, outputs.LOG_VARIANCE))
    telling = EdgeDetector(engine, dataclasses.replace(detect.manifest, kinds=kinds))
    metrics = evaluate_completely(telling, open_dataset(faces, "val"), tmp_path / "none").metrics
    # Boxes of whole cells hardly ever fit a face: ten of them would be needed.
    assert [metrics[name] for name in names.BOX_STD] == [None, None]
    assert (
        not set(names.BOX_STD)
        & evaluate_completely(detect, open_dataset(faces, "val"), tmp_path / "none").metrics.keys()
    )
