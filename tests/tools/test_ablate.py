"""The table of an ablation: each step has the flags of those before it."""

import json
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def tool(load_tool, monkeypatch):
    """The tool, with a training that answers with the number of flags it was given."""
    shared, module = load_tool("comparisons"), load_tool("ablate")
    module.calls, module.broken = [], ()

    def edgedet(*words):
        words = [str(word) for word in words]
        module.calls.append(words)
        if words[0] in module.broken:
            return subprocess.CompletedProcess(words, 1, "")
        if words[0] == "train":
            out = Path(words[words.index("--out") + 1])
            out.mkdir(parents=True)
            (out / "flags").write_text(str(words[words.index("--out") + 2 :].count("--on")))
            return subprocess.CompletedProcess(words, 0, "")
        found = {"ap50": int((Path(words[1]) / "flags").read_text()) / 100, "easy": None}
        return subprocess.CompletedProcess(words, 0, json.dumps(found))

    for each in (module, shared):
        monkeypatch.setattr(each, "edgedet", edgedet)
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


def test_the_first_step_may_stand_for_itself(tool, monkeypatch, tmp_path):
    run(tool, monkeypatch, tmp_path, "= one: --on", "= other: --on")
    table = (tmp_path / "table.md").read_text().splitlines()
    assert table[2:] == ["| = one | .010 | - |", "| = other | .020 | - |"]


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_what_fails_ends_the_tool_and_leaves_no_result(tool, monkeypatch, tmp_path, command):
    tool.broken = (command,)
    with pytest.raises(SystemExit, match="could not be"):
        run(tool, monkeypatch, tmp_path, "plain: --on")
    assert not list(tmp_path.rglob("*.json")) + list(tmp_path.rglob("*.md"))
