"""The table of an ablation: each step has the flags of those before it."""

import importlib.util
import json
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "ablate.py"


@pytest.fixture
def tool(monkeypatch):
    """The tool, with a training that answers with the number of flags it was given."""
    spec = importlib.util.spec_from_file_location("ablate", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.calls = []

    def edgedet(words):
        module.calls.append(words)
        if words[0] == "train":
            out = Path(words[words.index("--out") + 1])
            out.mkdir(parents=True)
            (out / "flags").write_text(str(words[words.index("--out") + 2 :].count("--on")))
            return ""
        return json.dumps({"ap50": int((Path(words[1]) / "flags").read_text()) / 100, "easy": None})

    monkeypatch.setattr(module, "edgedet", edgedet)
    return module


def run(tool, monkeypatch, folder, *steps):
    words = ["--data", "a", "--data", "b", "--out", str(folder), "--all", "--epochs 3"]
    words += [word for step in steps for word in ("--step", step)]
    monkeypatch.setattr("sys.argv", ["ablate", "r", *words, "--metrics", "ap50,easy"])
    tool.main()


def test_steps_add_up_and_those_that_stand_for_themselves_do_not(tool, monkeypatch, tmp_path):
    steps = ("plain: --on", "EMA: --on", "= alone: --on --on", "zoom: --on")
    run(tool, monkeypatch, tmp_path, *steps)
    assert (tmp_path / "table.md").read_text() == (
        "| | ap50 | easy |\n|---|--:|--:|\n| plain | .010 | - |\n| + EMA | .020 | - |\n"
        "| = alone | .030 | - |\n| + zoom | .030 | - |\n"
    )
    train = tool.calls[0]
    assert train[:6] == ["train", "r", "--data", "a", "--data", "b"]
    assert train[-3:] == ["--epochs", "3", "--on"]
    # Measured on the first folder; what is finished is not trained again.
    assert tool.calls[1][2:4] == ["--data", "a"]
    count = len(tool.calls)
    run(tool, monkeypatch, tmp_path, *steps)
    assert len(tool.calls) == count
