import dataclasses

import numpy as np
import pytest

from edgedet.data import wider_face as annotations
from edgedet.detections import Detections
from edgedet.evaluation import Results, wider_face_curves, wider_face_metrics
from edgedet.evaluation.results import unchanged
from edgedet.images import read

# The keys that the specification names.
NOTHING = dict.fromkeys(("easy", "medium", "hard", "ap50_10pct", "ap50_20pct"))


@pytest.fixture(scope="module")
def perfect(real_data):
    """Results on the first twenty images of the real val split, everything annotated found."""
    records = tuple(annotations.read(real_data / "faces", "val").records[:20])
    found = tuple(
        Detections(r.boxes, np.full(len(r.boxes), 0.9, "float32"), r.labels) for r in records
    )
    sizes = tuple(read(r.image)[1] for r in records)
    return Results(records, found, sizes, ("face",), 0, unchanged)


@pytest.fixture
def lists(real_data):
    return real_data / "faces" / "eval_tools" / "ground_truth"


def test_perfect_detections_of_real_faces(perfect, lists):
    metrics = wider_face_metrics(wider_face_curves(perfect, lists))
    assert list(metrics) == list(NOTHING)
    assert min(metrics.values()) > 0.99


def test_without_lists_nothing_is_claimed(perfect, tmp_path, caplog):
    curves = wider_face_curves(perfect, tmp_path / "missing")
    assert wider_face_metrics(curves) == NOTHING
    assert "missing" in caplog.text
    assert "--ground-truth" in caplog.text


def test_resized_images_do_not_fit_the_lists(perfect, lists, caplog):
    smaller = [dataclasses.replace(r, boxes=r.boxes / 2) for r in perfect.records]
    results = dataclasses.replace(perfect, records=tuple(smaller))
    assert wider_face_metrics(wider_face_curves(results, lists)) == NOTHING
    assert "size" in caplog.text
