import dataclasses
import logging

import numpy as np
import pytest

from edgedet.data.record import Dataset, Record
from edgedet.export.uncertainty import with_measured_std
from edgedet.images import encode_png
from edgedet.manifest import Level, Manifest

KINDS = ("class_logits", "box_raw", "box_log_variance")
MANIFEST = Manifest("nexus", (32, 32), ("a",), (Level.of_stride(32),), KINDS)


def engine(images):
    """Find one object of (4, 4) to (28, 28), each side with a standard deviation of 2 pixels."""
    one = np.ones((1, 1, 1, 1), "float32")
    return {
        "p5_class_logits": 9 * one,
        # The inverse of softplus.
        "p5_box_raw": np.full((1, 1, 1, 4), np.log(np.expm1(12 / 32)), "float32"),
        "p5_box_log_variance": np.full((1, 1, 1, 4), 2 * np.log(2 / 32), "float32"),
    }


@pytest.fixture
def dataset(tmp_path):
    """Ten images whose object is off by 0.1, 0.2 ... 1.0 pixels on every side."""
    path = tmp_path / "grey.png"
    path.write_bytes(encode_png(np.full((32, 32, 3), 99, "uint8")))
    one = np.zeros(1, "int32"), np.zeros(1, bool)
    boxes = [np.array([[4, 4, 28, 28]], "float32") + number / 10 for number in range(1, 11)]
    return Dataset([Record(path, box, *one) for box in boxes], ("a",), (1,), "off")


def test_the_factor_makes_two_thirds_of_the_errors_smaller(dataset):
    found = with_measured_std(MANIFEST, engine, [dataset])
    # Of 40 sides, four of each error, the 27th: 0.7, in standard deviations of 2 pixels.
    assert found.box_std_scale == pytest.approx(0.7 / 2, rel=0.001)
    assert dataclasses.replace(found, box_std_scale=1.0) == MANIFEST


def test_what_cannot_be_measured_stays(dataset, caplog):
    few = dataclasses.replace(dataset, records=dataset.records[:3])
    with caplog.at_level(logging.WARNING):
        assert with_measured_std(MANIFEST, engine, [few]) == MANIFEST
    assert "left as it is: Expected 10 detections that have their object, found 3" in caplog.text
    assert with_measured_std(MANIFEST, engine, []) == MANIFEST
    silent = dataclasses.replace(MANIFEST, kinds=KINDS[:2])
    assert with_measured_std(silent, None, [dataset]) == silent
