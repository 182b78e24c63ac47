"""`edgedet budget`: models, not files, and an exit status that a script can use."""

import json
import os
import sys
import types
from pathlib import Path

import pytest

from edgedet.budgets import BUDGETS, Budget
from edgedet.cli.main import main
from edgedet.errors import ModelError
from edgedet.export import export
from edgedet.export.presets import export_presets
from edgedet.runtime.measure.arena import arena_bytes
from edgedet.runtime.measure.boards import BOARDS
from edgedet.runtime.measure.footprint import footprints
from edgedet.runtime.measure.inspection import inspect

EXPORTS = Path(__file__).parents[2] / "exports"
MODEL = EXPORTS / "phantom-128-int8.tflite"
# By hand, from conftest: convolutions 3x3x3x8, 3x3x8x16, a depthwise 3x3x16, 3x3x16x16 and on
# each of two levels 16x1 and 16x4, each with a bias per output channel.
PARAMETERS = (216 + 8) + (1152 + 16) + (144 + 16) + (2304 + 16) + 2 * (17 + 68)
# At 16x16, 8x8, 8x8 and 4x4 cells; the heads at 8x8 and 4x4.
MACS = 256 * 216 + 64 * 1152 + 64 * 144 + 16 * 2304 + (64 + 16) * (16 + 64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny_model, tiny_images):
    folder = tmp_path_factory.mktemp("models") / "exports"
    for precision in ("float", "int8"):
        export(tiny_model, folder / f"tiny-32-{precision}.tflite", precision, (), tiny_images)
    return folder


def sizes(folder):
    return {path.stem: path.stat().st_size for path in folder.iterdir()}


def test_two_files_of_a_model_are_one_row(folder, capsys):
    assert main(["budget", *map(str, folder.iterdir()), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    (model,) = report["models"]
    model.pop("arena_bytes")
    assert report["ok"] is True
    assert model == {
        "model": "tiny-32",
        "parameters": PARAMETERS,
        "float_bytes": sizes(folder)["tiny-32-float"],
        "int8_bytes": sizes(folder)["tiny-32-int8"],
        "macs": MACS,
        "integer_only": True,
        "unsupported": {"microcontroller": [], "edge_tpu": []},
        "ok": True,
    }


def test_one_file_alone_leaves_the_other_size_open(folder, capsys):
    main(["budget", str(folder / "tiny-32-int8.tflite"), "--json"])

    (model,) = json.loads(capsys.readouterr().out)["models"]
    assert model["float_bytes"] is None and model["int8_bytes"] > 0


def test_over_budget_is_exit_status_1_and_says_by_what(folder, capsys, monkeypatch):
    small = Budget(parameters=100, float_bytes=10**6, int8_bytes=10**6, macs=10**9)
    monkeypatch.setitem(BUDGETS, "phantom", small)

    assert main(["budget", *map(str, folder.iterdir())]) == 1
    assert f"parameters {PARAMETERS:,} > 100" in capsys.readouterr().out
    assert main(["budget", *map(str, folder.iterdir()), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False and report["models"][0]["ok"] is False


def test_without_files_the_exports_here_are_measured(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder.parent)

    assert main(["budget"]) == 0
    assert "tiny-32" in capsys.readouterr().out


def test_a_missing_file_is_one_message(capsys):
    assert main(["budget", "nowhere.tflite"]) == 1
    assert "nowhere.tflite: there is no such model file" in capsys.readouterr().err


def test_a_detector_without_a_budget_is_one_message(tmp_path, tiny_model, tiny_images, capsys):
    path = tmp_path / "own.tflite"
    manifest = tiny_model.manifest(model="own")
    export(tiny_model, path, "int8", (), tiny_images, manifest)

    assert main(["budget", str(path)]) == 1
    assert "no budget for a 'own', only for nexus, phantom" in capsys.readouterr().err


def micro_interpreter(report):
    """Return a module like `tflite_micro`, whose interpreter reports in C++'s way."""

    class Interpreter:
        from_bytes = classmethod(lambda cls, content, arena_size: cls())

        def invoke(self):
            if report is None:
                os.write(2, b"Didn't find op for builtin opcode 'SVDF'\n")
                raise RuntimeError("-1")

        def print_allocations(self):
            os.write(2, report)

    return types.SimpleNamespace(runtime=types.SimpleNamespace(Interpreter=Interpreter))


@pytest.mark.parametrize(
    ("report", "arena"),
    [
        (
            b"[RecordingMicroAllocator] Arena allocation total 175280 bytes\n... head 9 bytes\n",
            175280,
        ),
        (b"other words\n", None),
    ],
)
def test_the_arena_is_what_the_micro_interpreter_reports(monkeypatch, capfd, report, arena):
    monkeypatch.setitem(sys.modules, "tflite_micro", micro_interpreter(report))

    assert arena_bytes(MODEL) == arena
    assert capfd.readouterr().err == ""


def test_a_model_that_the_micro_interpreter_refuses_is_one_message(monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro", micro_interpreter(None))

    with pytest.raises(ModelError, match="cannot run this model .Didn't find op"):
        arena_bytes(MODEL)


def test_without_the_micro_interpreter_the_arena_is_unknown(monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro", None)

    assert arena_bytes(MODEL) is None


def test_operators_that_boards_lack_are_named(folder, capsys, monkeypatch):
    monkeypatch.setitem(BOARDS, "edge_tpu", BOARDS["edge_tpu"] - {"ADD"})

    assert main(["budget", *map(str, folder.iterdir())]) == 0
    assert "tiny-32: edge tpus lack ADD\n" in capsys.readouterr().out


# Bytes of the arena. Phantom is for boards with 256 KB, the others for those with 1 MB; telling
# domains apart costs NightVision a little more.
ARENAS = {"phantom": 200_000, "nexus": 700_000, "nightvision": 1_100_000}


def require_promises(footprint):
    """Check all that a model promises: every limit, integers only, operators, and the arena."""
    assert not footprint.broken
    assert footprint.integer_only in (True, None)
    assert not any(footprint.unsupported.values())
    if footprint.arena_bytes is not None:
        family = footprint.model.partition("-")[0].partition("_")[0]
        assert footprint.arena_bytes <= ARENAS[family]


def test_shipped_models_keep_their_promises():
    paths = sorted(EXPORTS.glob("*.tflite"))
    assert paths
    for footprint in footprints(paths):
        require_promises(footprint)


@pytest.fixture(scope="module")
def presets(tmp_path_factory):
    """Every preset's files by name."""
    return {path.name: path for path in export_presets(tmp_path_factory.mktemp("presets"))}


@pytest.mark.slow
def test_every_preset_is_exported_and_keeps_its_promises(presets):
    assert "phantom-128-int8.tflite" in presets
    for footprint in footprints([*presets.values()]):
        require_promises(footprint)


@pytest.mark.slow
def test_nexus_leaves_room_for_its_memory_and_copies_nothing(presets):
    facts = inspect(presets["nexus-320-int8.tflite"])
    assert facts.integer_only
    # No copying, padding or reshaping between the convolutions; QUANTIZE doubles gates.
    assert set(facts.operators) == {
        *("CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "MUL", "QUANTIZE", "LOGISTIC"),
        "RESIZE_NEAREST_NEIGHBOR",
    }
    # What is left below the limit is the memory's.
    assert facts.file_bytes <= BUDGETS["nexus"].int8_bytes - 70_000
