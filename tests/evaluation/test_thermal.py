"""Thermal frames are measured as the device sees them, whatever holds their counts."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from edgedet.data.layouts import open_dataset
from edgedet.data.record import Dataset, Record
from edgedet.evaluation import measure
from edgedet.evaluation.contact_sheet import write_contact_sheet
from edgedet.evaluation.mistakes import worst
from edgedet.geometry import boxes
from edgedet.images import read
from edgedet.manifest import Level, Manifest
from edgedet.runtime import EdgeDetector
from edgedet.thermal import Normalization

MANIFEST = Manifest(
    "nightvision", (96, 96), ("person", "vehicle"), (Level("p3", 8),), bands=1,
    thermal=Normalization(),
)  # fmt: skip


def engine(images):
    """Find a person in every cell of 8 x 8 pixels that is brighter than the middle."""
    cells = images.astype("float32").reshape(1, 12, 8, 12, 8).mean(axis=(2, 4))[..., None]
    sides = np.ones((1, 12, 12, 4), "float32")
    return {
        "p3_class_logits": np.concatenate([(cells - 128) / 10, 0 * cells - 9], axis=-1),
        "p3_box_raw": sides,
    }


@pytest.fixture
def detect():
    return EdgeDetector(engine, MANIFEST, min_score=0.5)


def measured(detect, dataset, **changes):
    manifest = dataclasses.replace(detect.manifest, **changes)
    detect = EdgeDetector(detect.engine, manifest, detect.min_score)
    return measure(detect, manifest.class_names, dataset, thermal=manifest.thermal)


def rewritten(dataset, folder, save):
    """Return the data set with images that `save(path, grey levels)` has written."""
    folder.mkdir()
    records = []
    for number, record in enumerate(dataset.records):
        path = folder / f"{number}"
        grey = np.asarray(Image.fromarray(read(record.image)[0]).convert("L"))
        records.append(dataclasses.replace(record, image=save(path, grey)))
    return dataclasses.replace(dataset, records=records)


def as_png(path, grey, gain=37, offset=7000):
    path = path.with_suffix(".png")
    Image.fromarray((grey.astype("uint16") * gain + offset).astype("uint16")).save(path)
    return path


def as_array(path, grey):
    path = path.with_suffix(".npy")
    np.save(path, grey * np.float32(0.01) - 20)
    return path


def as_bytes(path, grey):
    path = path.with_suffix(".bmp")
    Image.fromarray(grey).save(path)
    return path


def assert_same_detections(found, expected):
    compared = 0
    for a, b in zip(found.results.detections, expected.results.detections, strict=True):
        assert len(a) == len(b)
        overlap = boxes.pairwise_iou(b.boxes, a.boxes) * (b.labels[:, None] == a.labels[None])
        partners = overlap.argmax(axis=1)
        assert (overlap.max(axis=1) >= 0.9).all()
        assert np.abs(a.scores[partners] - b.scores).max() <= 0.05
        compared += len(a)
    assert compared


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Four frames of clutter with a warm body each, 8-bit grey."""
    folder = tmp_path_factory.mktemp("drawn")
    generator = np.random.default_rng(0)
    records = []
    for number in range(4):
        coarse = generator.integers(40, 120, (12, 16), "uint8")
        frame = np.array(Image.fromarray(coarse).resize((96, 72), Image.Resampling.BICUBIC))
        frame[20:36, 30:38] = 200
        path = folder / f"{number}.png"
        Image.fromarray(frame).save(path)
        box = np.array([[30, 20, 38, 36]], "float32")
        records.append(Record(path, box, np.zeros(1, "int32"), np.zeros(1, bool)))
    return Dataset(records, ("person", "vehicle"), (1, 2), "drawn")


@pytest.mark.parametrize("save", [as_png, as_array])
def test_counts_of_any_offset_and_gain_give_the_same_detections(detect, drawn, tmp_path, save):
    plain = measured(detect, rewritten(drawn, tmp_path / "8 bits", as_bytes))
    assert_same_detections(measured(detect, rewritten(drawn, tmp_path / "wide", save)), plain)


def test_so_it_is_on_real_frames(detect, real_data, tmp_path):
    dataset = open_dataset(real_data / "thermal" / "hit_uav", "val", ["person", "car"])
    few = dataclasses.replace(dataset, records=dataset.records[::12], class_names=("person", "x"))
    plain = measured(detect, rewritten(few, tmp_path / "8 bits", as_bytes))
    assert_same_detections(measured(detect, rewritten(few, tmp_path / "16 bits", as_png)), plain)


def test_a_frame_of_16_bits_is_no_picture_of_8(detect, drawn, tmp_path):
    # Their upper bytes differ by some levels alone, and the law would fail.
    wide = rewritten(drawn, tmp_path / "wide", as_png)
    seen = []
    measure(lambda frame: seen.append(frame) or detect(frame), MANIFEST.class_names, wide,
             thermal=MANIFEST.thermal)  # fmt: skip
    assert {frame.dtype.name for frame in seen} == {"uint16"}
    assert max(int(frame.max()) for frame in seen) > 14_000


def test_an_inverted_normalization_shows_the_inverted_frame(detect, drawn, tmp_path):
    turned = measured(detect, drawn, thermal=MANIFEST.thermal.inverted())
    negatives = rewritten(drawn, tmp_path / "negatives", lambda p, grey: as_bytes(p, 255 - grey))
    assert_same_detections(turned, measured(detect, negatives))


def test_the_sheet_shows_heat_maps(detect, drawn, tmp_path):
    results = measured(detect, rewritten(drawn, tmp_path / "wide", as_png)).results
    assert worst(results, 0.3)
    picture = results.picture(results.records[0])
    assert picture.shape == (72, 96, 3)
    # Warm bodies are yellow on blue and violet.
    red, _, blue = picture[24:32, 32:36].reshape(-1, 3).mean(axis=0)
    assert red > blue
    assert np.ptp(picture.astype(int), axis=-1).mean() > 30
    write_contact_sheet(tmp_path / "worst.png", results, 0.3)
    sheet = read(tmp_path / "worst.png")[0]
    assert (np.ptp(sheet.astype(int), axis=-1) > 30).mean() > 0.1


def test_metrics_are_json(detect, drawn):
    metrics = measured(detect, drawn).metrics
    assert json.loads(json.dumps(metrics)).keys() == metrics.keys()
