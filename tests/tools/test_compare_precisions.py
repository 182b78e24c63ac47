"""The table of precisions: a row for each file, those that could not be made included."""

import json
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def tool(load_tool, monkeypatch):
    """The tool, with an exporter that refuses tfmot and files as long as their flags."""
    shared, module = load_tool("comparisons"), load_tool("compare_precisions")
    module.calls = []

    def edgedet(*words):
        words = [str(word) for word in words]
        module.calls.append(words)
        if words[0] == "evaluate":
            return subprocess.CompletedProcess(words, 0, json.dumps({"ap": 0.25, "ap50": None}))
        if "tfmot" in words:
            return subprocess.CompletedProcess(words, 1, "")
        Path(words[2]).write_bytes(bytes(1000 * len(words)))
        return subprocess.CompletedProcess(words, 0, "")

    for each in (module, shared):
        monkeypatch.setattr(each, "edgedet", edgedet)
    return module


def test_each_precision_and_each_engine_with_each_rate_has_a_row(tool, monkeypatch, tmp_path):
    words = ["RUN", "--data", "DIR", "--out", tmp_path / "out", "--qat", 2, "--rates", "0.1,0.3"]
    monkeypatch.setattr("sys.argv", ["compare_precisions", *map(str, words)])
    tool.main()
    assert (tmp_path / "out" / "table.md").read_text() == (
        "| | bytes | ap | ap50 |\n|---|--:|--:|--:|\n"
        "| float | 4,000 | .250 | - |\n| float16 | 4,000 | .250 | - |\n"
        "| int8 | 4,000 | .250 | - |\n"
        "| edgedet 0.1 | 9,000 | .250 | - |\n| edgedet 0.3 | 9,000 | .250 | - |\n"
        "| tfmot 0.1 | not exported | - | - |\n| tfmot 0.3 | not exported | - | - |\n"
    )
    tuned = tool.calls[6]
    assert tuned[0] == "export" and tuned[3:] == (
        ["--qat", "2", "--qat-engine", "edgedet", "--qat-rate", "0.1"]
    )
    # What is finished is not made again; what could not be made is tried again.
    tool.calls.clear()
    tool.main()
    assert [call[0] for call in tool.calls] == ["export", "export"]
