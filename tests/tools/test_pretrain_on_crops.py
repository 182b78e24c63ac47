"""From the command line: what is refused before the work, and that what was learned is kept."""

import json

import numpy as np
import pytest
from PIL import Image

from edgedet.models import load_detector

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


def test_what_was_learned_is_kept_whatever_val_is(call, tmp_path):
    draw(tmp_path, "train2017", 4, 40)
    # Nothing can be asked of objects so small.
    draw(tmp_path, "val2017", 2, 10)
    out = tmp_path / "crops.keras"
    flags = ["--classes", ",".join(NAMES), "--input-size", "64x64", "--side", 64]
    said = call(out, "--data", tmp_path, *flags, "--epochs", 1, "--batch-size", 4)
    assert "unknown, val has none" in said
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
