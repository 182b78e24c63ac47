import json

import numpy as np
import pytest
from PIL import Image

from edgedet.cli.main import main


def show(*flags):
    return main(["data", "show", *map(str, flags)])


@pytest.fixture(scope="module")
def faces(tmp_path_factory, write_faces):
    return write_faces(tmp_path_factory.mktemp("faces"), train=6, val=2)


def test_a_picture_of_batches(faces, tmp_path, capsys):
    for name, batches in (("one", 1), ("two", 2)):
        out = tmp_path / f"{name}.png"
        common = "--data", faces, "--images", 4, "--input-size", 64, "--mosaic", 1
        assert show(*common, "--out", out, "--batches", batches) == 0
        assert capsys.readouterr().out == f"{out}\n"
    one, two = (np.asarray(Image.open(tmp_path / f"{name}.png")) for name in ("one", "two"))
    np.testing.assert_array_equal(two[: len(one)], one)
    assert len(two) == 2 * len(one)


def test_fewer_images_than_a_batch(faces, tmp_path):
    assert show("--data", faces, "--input-size", 64, "--out", tmp_path / "all.png") == 0


def test_thermal_frames_are_shown_as_the_network_sees_them(tmp_path, capsys):
    counts = np.full((48, 64), 30_000, "uint16")
    counts[16:32, 24:40] = 30_400
    entries = [{"id": n, "file_name": f"{n}.npy", "width": 64, "height": 48} for n in range(2)]
    boxes = [{"image_id": n, "category_id": 1, "bbox": [24, 16, 16, 16]} for n in range(2)]
    content = {
        "images": entries, "annotations": boxes, "categories": [{"id": 1, "name": "person"}],
    }  # fmt: skip
    (tmp_path / "train.json").write_text(json.dumps(content))
    for number in range(2):
        np.save(tmp_path / f"{number}.npy", counts)
    out = tmp_path / "sheet.png"
    words = "--recipe", "nightvision-thermal", "--classes", "person", "--input-size", 64
    assert show(*words, "--data", tmp_path / "train.json", "--out", out) == 0
    levels = np.asarray(Image.open(out)).max(axis=-1)
    # As 8-bit pictures all of them would have one level, of 117; what is bright would be written.
    assert (levels > 170).mean() > 0.05


@pytest.mark.parametrize(
    ("flags", "status", "message"),
    [
        (["--mosaic", 2], 2, "--mosaic: expected 0 to 1, found 2.0."),
        (["--data", "nowhere"], 1, "nowhere: there is no such data folder"),
        (["--epochs", 3], 2, "unrecognized arguments: --epochs"),
        (["--out", "picture.txt"], 2, "picture.txt: expected a name that ends in .png"),
        (["--images", 0], 2, "expected a whole number, 1 or more"),
        (["--batches", 0], 2, "expected a whole number, 1 or more"),
    ],
)
def test_wrong_wishes(faces, capsys, tmp_path, flags, status, message):
    out = tmp_path / "none.png"
    data = [] if "--data" in flags else ["--data", faces]
    assert show(*data, "--out", out, *flags) == status
    assert message in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "many"])
def test_no_shards_are_wrong_usage(faces, tmp_path, capsys, number):
    words = "data", "shard", "--data", faces, "--out", tmp_path / "out", f"--shards={number}"
    assert main([*map(str, words)]) == 2
    assert f"--shards: expected a whole number, 1 or more, found '{number}'" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()
