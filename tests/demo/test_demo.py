import dataclasses
import json
import types
from pathlib import Path

import pytest

from edgedet.budgets import BUDGETS
from edgedet.cli.main import main
from edgedet.demo.demo import MARK, RECIPE, claim, require_success, run_demo
from edgedet.demo.photograph import photograph_file
from edgedet.demo.summary import as_json, as_text
from edgedet.errors import ModelError, OutputError
from edgedet.manifest import Manifest
from edgedet.runtime.measure.footprint import Footprint


def outcome(ap50, parameters=90_000):
    footprint = Footprint(
        "phantom", parameters, 400_000, 120_000, None, 28_000_000, True, {}, BUDGETS["phantom"]
    )
    return types.SimpleNamespace(folder=Path("out"), footprint=footprint, ap50=ap50)


def test_accuracy_decides():
    require_success(outcome(0.80), 0.80)
    with pytest.raises(ModelError, match=r"AP50 0\.80(.|\n)*found 0\.790"):
        require_success(outcome(0.79), 0.80)


def test_the_budget_decides():
    with pytest.raises(ModelError, match="parameters 126,001 > 126,000"):
        require_success(outcome(0.99, parameters=126_001))


def test_an_earlier_demo_is_removed(tmp_path):
    claim(tmp_path / "out")
    (tmp_path / "out" / "run").mkdir()
    (tmp_path / "out" / "run" / "recipe.json").write_text("{}")
    (tmp_path / "out" / "report.html").write_text("old")
    claim(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [MARK]


def test_other_files_are_never_removed(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="--out"):
        claim(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_folder_that_cannot_be_made_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["demo", "--out", str(tmp_path / "file" / "out")]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "file") in said
    assert "Traceback" not in said


def test_the_photograph_is_installed():
    assert photograph_file().is_file()


@pytest.mark.slow
def test_a_small_demo(tmp_path):
    recipe = dataclasses.replace(RECIPE, epochs=2, evaluate_every=2)
    done = run_demo(tmp_path / "out", {"train": 64, "val": 8}, recipe)
    facts = json.loads(json.dumps(as_json(done)))
    assert facts["budget_ok"]
    assert facts["parameters"] > 50_000
    assert 0 <= facts["ap50_int8"] <= 1
    assert facts["ms"]["total"]["p50"] > 0
    assert Manifest.read(tmp_path / "out" / "phantom-demo-int8.tflite").precision == "int8"
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("base64,") == 5
    assert "INT8" in as_text(done)
