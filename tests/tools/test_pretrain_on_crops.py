"""From the command line: what is refused before the work, and that what was learned is kept."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from edgedet.models import MODELS, load_detector

NAMES = ("disc", "bars")


@pytest.fixture
def call(load_tool, monkeypatch, capsys):
    """Return a function that calls the tool and returns what it says."""
    tool = load_tool("pretrain_on_crops")

    def calling(*words):
        monkeypatch.setattr("sys.argv", ["pretrain_on_crops", "nexus-coco", *map(str, words)])
        tool.main()
        return capsys.readouterr().out

    return calling


def draw(folder, split, count, side):
    """Write noise with one annotated object of `side` pixels an image."""
    generator = np.random.default_rng(0)
    (folder / split).mkdir(parents=True)
    (folder / "annotations").mkdir(exist_ok=True)
    content = {"images": [], "annotations": []}
    content["categories"] = [{"id": label, "name": name} for label, name in enumerate(NAMES)]
    for number in range(count):
        name = f"{number}.png"
        Image.fromarray(generator.integers(0, 255, (64, 64, 3), "uint8")).save(
            folder / split / name
        )
        content["images"].append({"id": number, "file_name": name, "width": 64, "height": 64})
        box = {"bbox": [4, 4, side, side], "category_id": number % 2}
        content["annotations"].append({"id": number, "image_id": number, **box})
    (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))


FLAGS = ("--classes", ",".join(NAMES), "--input-size", "64x64", "--side", 64)


def test_each_level_is_measured(call, tmp_path):
    draw(tmp_path, "train2017", 4, 40)
    draw(tmp_path, "val2017", 3, 40)
    out = tmp_path / "crops.keras"
    said = call(out, "--data", tmp_path, *FLAGS, "--epochs", 1, "--batch-size", 4)
    assert re.search(r"mean of the classes: p3 [01]\.\d{3}, p4 [01]\.\d{3}, p5 [01]\.\d{3}\n", said)
    assert load_detector(out).class_names == NAMES


@pytest.fixture
def unlearned(monkeypatch):
    """Let the tool learn nothing, which is quickly done."""
    from edgedet.training import pretraining

    def prepare(recipe, side):
        _, val = pretraining.open_datasets(recipe)
        model = MODELS["nexus"](input_size=(side, side), class_names=NAMES)
        return pretraining.Pretrained(model, pretraining.classifier_of(model), val)

    monkeypatch.setattr(pretraining, "pretrain", prepare)


@pytest.mark.usefixtures("unlearned")
@pytest.mark.parametrize("sides", [(), (10,)])
def test_without_val_objects_the_model_is_kept(call, tmp_path, sides):
    draw(tmp_path, "train2017", 4, 40)
    for side in sides:
        # Nothing can be asked of objects so small.
        draw(tmp_path, "val2017", 2, side)
    out = tmp_path / "crops.keras"
    assert "unknown, no val part has objects" in call(out, "--data", tmp_path, *FLAGS)
    assert load_detector(out).class_names == NAMES


@pytest.mark.usefixtures("unlearned")
def test_a_val_part_that_cannot_be_read_costs_no_weights(call, tmp_path, capsys):
    draw(tmp_path, "train2017", 4, 40)
    draw(tmp_path, "val2017", 1, 40)
    (tmp_path / "val2017" / "0.png").write_bytes(b"no image")
    out = tmp_path / "crops.keras"
    with pytest.raises(SystemExit, match="pretrain_on_crops: .* at least one readable image"):
        call(out, "--data", tmp_path, *FLAGS)
    assert f"{out} is written." in capsys.readouterr().out
    assert load_detector(out).class_names == NAMES


def test_other_files_are_refused_before_any_data_is_opened(call, tmp_path):
    for name, found in (("crops.h5", ".h5"), ("crops", "none")):
        with pytest.raises(SystemExit, match=f"expected a name that ends in .keras, found {found}"):
            call(tmp_path / name, "--data", tmp_path / "nowhere")


@pytest.mark.parametrize("flag", ["--initial", "--teacher", "--mosaic", "--assigner", "--box-loss"])
def test_what_does_not_count_is_no_flag(call, tmp_path, capsys, flag):
    with pytest.raises(SystemExit) as ended:
        call(tmp_path / "a.keras", "--data", tmp_path, flag, "1")
    assert ended.value.code == 2 and flag in capsys.readouterr().err
