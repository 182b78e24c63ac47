import json
import math

import numpy as np
import pytest
from PIL import Image

from edgedet.cli.main import main
from edgedet.images import read
from edgedet.manifest import Level, Manifest
from edgedet.runtime import EdgeDetector
from edgedet.thermal import Normalization

# Distances of half a stride around the centre of the first cell: the box [0, 0, 32, 32].
HALF_A_STRIDE = math.log(math.exp(0.5) - 1)


def engine(images):
    """Find a cat in the first cell of images that are dark, with a score of .5."""
    logits = np.full((1, 2, 2, 2), -20.0, "float32")
    logits[0, 0, 0, 0] = 0.0 if images.mean() < 128 else -20.0
    return {
        "p5_class_logits": logits,
        "p5_box_raw": np.full((1, 2, 2, 4), HALF_A_STRIDE, "float32"),
    }


@pytest.fixture(autouse=True)
def model(monkeypatch):
    manifest = Manifest("nexus", (64, 64), ("cat", "tv"), (Level("p5", 32),))
    monkeypatch.setattr(
        EdgeDetector, "load", lambda path, threads=1: EdgeDetector(engine, manifest)
    )


@pytest.fixture
def data(tmp_path):
    """A COCO folder: an image with a cat and an empty one, both dark."""
    folder = tmp_path / "data"
    (folder / "annotations").mkdir(parents=True)
    (folder / "val").mkdir()
    entries = []
    for number in (1, 2):
        Image.new("RGB", (64, 64), (20, 20, 20)).save(folder / "val" / f"{number}.png")
        entries.append({"id": number, "file_name": f"{number}.png", "width": 64, "height": 64})
    content = {
        "images": entries,
        "categories": [{"id": 3, "name": "cat"}, {"id": 5, "name": "tvmonitor"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 3, "bbox": [0, 0, 32, 32], "area": 1024}
        ],
    }
    (folder / "annotations" / "instances_val.json").write_text(json.dumps(content))
    return folder


def evaluate(capsys, *arguments):
    assert main(["evaluate", "model.tflite", "--json", *map(str, arguments)]) == 0
    return json.loads(capsys.readouterr().out)


def test_json(data, capsys):
    metrics = evaluate(capsys, "--data", data)
    # The false alarm in the second image has the same score, and comes after the hit.
    assert metrics["ap50"] == pytest.approx(1)
    assert metrics["per_class"] == {"cat": pytest.approx(1), "tv": None}
    assert (metrics["images"], metrics["skipped"]) == (2, 0)
    assert "easy" not in metrics
    assert "pd" not in metrics


def test_folders_that_cannot_be_are_told_before_the_first_image(data, tmp_path, capsys):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "wider_easy_val.mat").touch()
    for words, message in (
        (["--plots", tmp_path / "file"], "expected a folder that can be written"),
        (["--ground-truth", tmp_path / "nowhere"], "expected a folder with WIDER FACE's .mat"),
        (
            ["--ground-truth", tmp_path / "empty"],
            "lists, wider_easy_val.mat among them, found none",
        ),
        (
            ["--ground-truth", tmp_path / "one"],
            "lists, wider_medium_val.mat among them, found none",
        ),
    ):
        arguments = ["evaluate", "model.tflite", "--data", data, *words]
        assert main([*map(str, arguments)]) == 1
        said = capsys.readouterr()
        assert message in said.err and "2 of 2" not in said.err and not said.out


def test_points(data, capsys):
    metrics = evaluate(capsys, "--points", "--data", data)
    assert (metrics["pd"], metrics["false_alarms"]) == (1.0, 0.5)
    assert evaluate(capsys, "--data", data, "--points", "1.5")["pd"] == 1.0


def test_inverted_images_are_bright(data, capsys):
    assert evaluate(capsys, "--data", data, "--invert")["ap50"] == 0.0


@pytest.mark.parametrize(("counts", "plain", "inverted"), [(5000, 1, 0), (60_000, 0, 1)])
def test_thermal_frames_are_inverted_as_the_network_sees_them(
    data, monkeypatch, capsys, counts, plain, inverted
):
    # Counts have no fixed end to be turned at: 255 means nothing here.
    thermal = Normalization((0.0, 65_535.0))
    names, levels = ("cat", "tv"), (Level("p5", 32),)
    manifest = Manifest("nightvision", (64, 64), names, levels, bands=1, thermal=thermal)
    monkeypatch.setattr(
        EdgeDetector, "load", lambda path, threads=1: EdgeDetector(engine, manifest)
    )
    annotations = data / "annotations" / "instances_val.json"
    annotations.write_text(annotations.read_text().replace(".png", ".npy"))
    for number in (1, 2):
        np.save(data / "val" / f"{number}.npy", np.full((64, 64), counts, "float32"))
    assert evaluate(capsys, "--data", data)["ap50"] == pytest.approx(plain)
    assert evaluate(capsys, "--data", data, "--invert")["ap50"] == pytest.approx(inverted)


def test_table_and_plots(data, tmp_path, capsys):
    plots = tmp_path / "plots"
    arguments = ["evaluate", "model.tflite", "--data", str(data), "--plots", str(plots)]
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert "2 images" in output.out.splitlines()[0]
    assert "ap50" in output.out
    assert "2 of 2 images" in output.err
    assert sorted(path.name for path in plots.iterdir()) == ["curves.png", "worst.png"]
    assert read(plots / "curves.png")[1][0] > 300


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--classes", "cta"], "cta"),
        (["--split", "train"], "train"),
        (["--data", "nowhere"], "nowhere"),
    ],
)
def test_a_mistake_gets_a_message(data, capsys, arguments, message):
    assert main(["evaluate", "model.tflite", "--data", str(data), *arguments]) == 1
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""


def test_a_distance_that_is_no_number_is_wrong_usage(data):
    assert main(["evaluate", "model.tflite", "--data", str(data), "--points", "x"]) == 2


def test_a_model_that_is_not_there(data, capsys):
    assert main(["evaluate", "missing.keras", "--data", str(data)]) == 1
    assert "missing.keras" in capsys.readouterr().err


@pytest.fixture
def sequences(tmp_path):
    """Two MOT sequences of dark frames with a cat where the engine finds one, and a third."""
    for name, class_name in (("walk", "cat"), ("run", "cat"), ("street", "person")):
        folder = tmp_path / "mot" / name
        (folder / "img1").mkdir(parents=True)
        (folder / "gt").mkdir()
        for number in (1, 2, 3):
            Image.new("RGB", (64, 64), (20, 20, 20)).save(folder / f"img1/{number:06d}.png")
        lines = [f"{number},7,1,1,32,32,1,-1,-1,-1" for number in (1, 2, 3)]
        (folder / "gt" / "gt.txt").write_text("\n".join(lines))
        (folder / "seqinfo.ini").write_text(f"[Sequence]\nclass={class_name}\n")
    return tmp_path / "mot"


def test_tracking(sequences, capsys):
    metrics = evaluate(capsys, "--data", sequences, "--track", "--dense", "--classes", "cat")
    assert list(metrics) == [
        *("ap50", "mota", "idf1", "idsw", "compute", "images", "skipped", "sequences")
    ]
    assert sorted(metrics["sequences"]) == ["run", "walk"]
    # Scores of .5: an object is sure from its third sighting on; two of three frames are missed.
    assert metrics["mota"] == pytest.approx(1 / 3)
    assert metrics["ap50"] == pytest.approx(1)
    assert (metrics["idsw"], metrics["compute"], metrics["images"]) == (0, 1.0, 6)
    assert metrics["sequences"]["run"]["mota"] == pytest.approx(1 / 3)
    one = evaluate(capsys, "--data", sequences, "--track", "--sequences", "run")
    assert list(one["sequences"]) == ["run"]
    inverted = evaluate(capsys, "--data", sequences, "--track", "--sequences", "run", "--invert")
    assert inverted["mota"] == 0.0


def test_tracking_as_a_table(sequences, capsys):
    assert main(["evaluate", "model.tflite", "--data", str(sequences), "--track"]) == 0
    said = capsys.readouterr()
    assert "street is left out: it shows person" in said.err
    lines = [line.split() for line in said.out.splitlines()]
    assert ["idsw", "0"] in lines
    assert ["mota", "0.333"] in lines
    assert ["run"] in lines and ["walk"] in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dense"], "--dense: expected --track beside it"),
        (["--sequences", "walk"], "--sequences: expected --track beside it"),
        (["--track", "--plots", "out"], "--plots: expected no --track"),
        (["--track", "--points"], "--points: expected no --track"),
    ],
)
def test_options_that_contradict_each_other(sequences, capsys, arguments, message):
    assert main(["evaluate", "model.tflite", "--data", str(sequences), *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"edgedet: {message}")


def test_tracking_needs_sequences(data, sequences, capsys):
    assert main(["evaluate", "model.tflite", "--data", str(data), "--track"]) == 1
    assert "expected sequences in the MOT layout" in capsys.readouterr().err
    arguments = ["--data", str(sequences), "--track", "--sequences", "wlak"]
    assert main(["evaluate", "model.tflite", *arguments]) == 1
    assert "expected wlak" in capsys.readouterr().err
