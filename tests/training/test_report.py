import dataclasses
import re

import pytest

from edgedet.data import wider_face
from edgedet.settings import Optimization
from edgedet.training import Run
from edgedet.training.curves import draw_curves
from edgedet.training.report import report


@pytest.fixture
def run(tmp_path, tiny, recipe):
    """A run of two epochs, the first of which was better."""
    made = Run(tmp_path / "faces-a")
    made.folder.mkdir()
    made.recipe_file.write_text(recipe.to_json())
    rows = [
        {"epoch": 1.0, "loss": 2.0, "val_ap50": 0.5, "learning_rate": 0.1, "seconds": 360.0},
        {"epoch": 2.0, "loss": 1.0, "val_ap50": 0.4, "learning_rate": 0.1, "seconds": 1440.0},
    ]
    made.write_history(rows)
    draw_curves(rows, made.curves_file)
    tiny.save(made.best_file)
    return made


def cells(run):
    page = run.report_file.read_text()
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    return page, [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in rows]


def test_it_says_what_was_learned_from_what_and_how_well(run, recipe, faces):
    chosen = dataclasses.replace(recipe, optimization=Optimization(learning_rate=0.25))
    train, val = wider_face.read(faces, "train"), wider_face.read(faces, "val")
    report(run, chosen, 900, train, val)
    page, rows = cells(run)
    assert "Tiny, faces-a" in page
    assert "Trained for 2 epochs" in page
    assert "that of epoch 1, the best by AP50" in page
    costs = dict(row for row in rows if len(row) == 2)
    assert costs["images seen"] == "1,800"
    assert costs["hours, with evaluations"] == "0.50"
    assert costs["images a second"] == "1"
    assert ["train", "6"] in [row[:2] for row in rows]
    assert ["val", "2"] in [row[:2] for row in rows]
    assert ["--learning-rate", "0.25", "0.003"] in rows
    assert "--box-loss" not in page  # As usual.
    assert rows[0][:4] == ["images", "AP50", "AP75", "AP"]
    assert rows[1][0] == "2"
    # Curves, precision and recall, the worst and the best images.
    assert page.count("<img") == 4


def test_without_a_val_part_there_is_no_accuracy(run, recipe, faces):
    run.write_history([{"epoch": 1.0, "loss": 2.0, "learning_rate": 0.1, "seconds": 360.0}])
    report(run, recipe, 900, wider_face.read(faces, "train"), None)
    page, _ = cells(run)
    assert "There is no val part" in page
    assert "AP75" not in page
    assert page.count("<img") == 1
