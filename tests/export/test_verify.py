"""When a file counts as giving the same answers."""

import dataclasses

import numpy as np
import pytest

from edgedet.data.record import Dataset, Record
from edgedet.errors import ExportError
from edgedet.export.verify import Parity, compare_detections, compare_outputs, require_parity
from edgedet.images import encode_png
from edgedet.manifest import Level, Manifest
from edgedet.thermal import Normalization

# One level of 2 x 2 cells of 32 pixels, so a box is easily placed by hand.
MANIFEST = Manifest("phantom", (64, 64), ("face", "hand"), (Level.of_stride(32),), min_score=0.4)


def answering(*objects):
    """Return an engine that always sees `objects`: (cell, label, score, half side in strides)."""

    def engine(images):
        logits = np.full((len(images), 2, 2, 2), -9.0, "float32")
        distances = np.full((len(images), 2, 2, 4), 0.5, "float32")
        for cell, label, score, half in objects:
            logits[:, cell // 2, cell % 2, label] = np.log(score / (1 - score))
            distances[:, cell // 2, cell % 2] = half
        # The inverse of softplus.
        return {"p5_class_logits": logits, "p5_box_raw": np.log(np.expm1(distances))}

    return engine


@pytest.fixture
def dataset(tmp_path):
    path = tmp_path / "image.png"
    path.write_bytes(encode_png(np.zeros((64, 64, 3), "uint8")))
    # The cell at the top left has its centre at (16, 16).
    boxes = np.array([[0, 0, 32, 32]], "float32")
    record = Record(path, boxes, np.zeros(1, "int32"), np.zeros(1, bool))
    return Dataset([record], MANIFEST.class_names, (1, 2))


FACE = (0, 0, 0.8, 0.5)


@pytest.mark.parametrize(
    ("file_says", "partnered"),
    [
        ([FACE], 1),
        # Less certain than is reported, but half of .4 is enough.
        ([(0, 0, 0.21, 0.5)], 1),
        ([(0, 0, 0.19, 0.5)], 0),
        # 28 x 28 of 32 x 32 pixels is an overlap of .766; 27 x 27 is one of .712.
        ([(0, 0, 0.8, 14 / 32)], 1),
        ([(0, 0, 0.8, 13.5 / 32)], 0),
        ([(0, 1, 0.8, 0.5)], 0),
        ([(1, 0, 0.8, 0.5)], 0),
        ([], 0),
    ],
)
def test_a_partner_has_the_label_the_place_and_half_the_score(dataset, file_says, partnered):
    parity = compare_detections(answering(FACE), answering(*file_says), MANIFEST, [dataset])

    assert (parity.detections, parity.partnered) == (1, partnered)


def test_only_what_the_network_reports_asks_for_a_partner(dataset):
    network = answering(FACE, (3, 1, 0.39, 0.5))

    parity = compare_detections(network, answering(FACE), MANIFEST, [dataset])

    assert (parity.detections, parity.partnered) == (1, 1)


def test_ap50_of_both_is_measured_on_the_annotations(dataset):
    parity = compare_detections(answering(FACE), answering((1, 0, 0.8, 0.5)), MANIFEST, [dataset])

    assert parity.ap50_network == pytest.approx(1.0)
    assert parity.ap50_file == pytest.approx(0.0)


def test_the_largest_difference_of_any_output_counts():
    images = np.zeros((1, 64, 64, 3), "uint8")
    near, far = answering((0, 0, 0.5, 0.5)), answering((0, 0, 0.6, 0.5))

    # ln(.6 / .4) is the only difference.
    assert compare_outputs(near, far, images) == pytest.approx(np.log(1.5), abs=1e-6)


@pytest.mark.parametrize(
    ("parity", "exact", "message"),
    [
        (Parity(9e-4), True, None),
        (Parity(1.1e-3), True, "found a difference of 0.0011"),
        (Parity(np.nan), True, "found a difference of nan"),
        (Parity(0.5), False, None),
        (Parity(0.5, 0.53, 0.50, 100, 95), False, None),
        (Parity(0.5, 0.83, 0.79, 100, 95), False, "below the network's 0.830, found 0.790"),
        (Parity(0.5, 0.83, 0.83, 100, 94), False, r"overlap of 0.75, found 94 \(94.0%\)"),
        (Parity(0.5, None, None, 0, 0), False, None),
    ],
)
def test_the_limits(parity, exact, message):
    if message is None:
        require_parity(parity, exact)
    else:
        with pytest.raises(ExportError, match=message):
            require_parity(parity, exact)


def test_thermal_frames_are_compared_as_counts(dataset, tmp_path):
    np.save(tmp_path / "image.npy", np.zeros((64, 64, 2), "uint16"))
    record = dataclasses.replace(dataset[0], image=tmp_path / "image.npy")
    frames = dataclasses.replace(dataset, records=[record])
    # Two bands, which no ordinary image has.
    manifest = dataclasses.replace(MANIFEST, bands=2, thermal=Normalization())

    parity = compare_detections(answering(FACE), answering(FACE), manifest, [frames])

    assert (parity.detections, parity.partnered) == (1, 1)
