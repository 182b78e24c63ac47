"""The device side stands alone: nothing of the training installation can be imported here."""

import ast
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from edgedet.manifest import Manifest
from edgedet.thermal import Normalization

ROOT = Path(__file__).parent.parent
TINY = ROOT / "tests" / "fixtures" / "tiny-int8.tflite"
STAGED = ROOT / "tests" / "fixtures" / "staged-int8.tflite"

BLOCK = """
    import sys
    for name in ("tensorflow", "keras", "tf_keras", "matplotlib", "scipy", "pycocotools", "rich"):
        sys.modules[name] = None  # Importing it now fails.
"""

# Each module by itself, so that none leans on what another has imported before it.
IMPORT_EACH = """
    import importlib, pkgutil
    sys.dont_write_bytecode, sys.pycache_prefix = False, sys.argv[2]  # Compiled only once.
    names = ["edgedet." + sys.argv[1]]
    for name in list(names):
        path = getattr(importlib.import_module(name), "__path__", [])
        names += [module.name for module in pkgutil.walk_packages(path, name + ".")]
    for name in names:
        for loaded in [each for each in sys.modules if each.split(".")[0] == "edgedet"]:
            del sys.modules[loaded]
        importlib.import_module(name)
    print(len(names))
"""
DEVICE = (
    *("errors", "file_part", "files", "quiet", "outputs", "npy", "images", "detections", "budgets"),
    *("geometry", "thermal", "manifest", "parts", "metrics", "runtime"),
    *("cli.main", "cli.arguments", "cli.answers", "cli.detect", "cli.bench", "cli.info"),
    "cli.budget",
)

DETECT = """
    import numpy as np
    from edgedet.runtime import EdgeDetector
    frame = np.zeros((32, 32, 3), "uint8")
    frame[8:12, 16:20] = 255
    detections = EdgeDetector.load(sys.argv[1])(frame)
    assert len(detections) == 1, detections
"""

COMMAND = """
    from edgedet.cli.main import main
    sys.exit(main(sys.argv[1:]))
"""


def run(program, *arguments):
    """Run a program where the training packages are missing, with warnings as errors."""
    code = textwrap.dedent(BLOCK) + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def content_of(path):
    """Return a model file without its manifest, which is a zip behind it."""
    content = path.read_bytes()
    return content[: content.rfind(b"PK\x03\x04")]


@pytest.fixture
def thermal(tmp_path):
    """The tiny network as one of thermal frames: what is 300 K and colder is black to it."""
    path = tmp_path / "thermal.tflite"
    path.write_bytes(content_of(TINY))
    normalization = Normalization((300.0, 300.1), kelvin_per_count=0.01, repair=False)
    dataclasses.replace(Manifest.read(TINY), thermal=normalization).append_to(path)
    return path


@pytest.fixture
def photograph(tmp_path):
    from PIL import Image

    image = Image.new("RGB", (32, 32))
    image.paste("white", (16, 8, 20, 12))
    image.save(tmp_path / "white.png")
    return tmp_path / "white.png"


@pytest.mark.parametrize("package", DEVICE)
def test_every_device_module_can_be_imported(package, tmp_path):
    done = run(IMPORT_EACH, package, tmp_path)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1


def test_the_detector_detects():
    done = run(DETECT, TINY)
    assert done.returncode == 0, done.stderr


def test_detect_with_pictures(photograph, tmp_path):
    done = run(COMMAND, "detect", TINY, photograph, "--save", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["detections"]) == 1
    assert (tmp_path / "out" / "white-detected.jpg").is_file()


def test_thermal_files(thermal, tmp_path):
    counts = np.full((32, 32), 20_000, "uint16")
    counts[8:12, 16:20] = 60_000
    np.save(tmp_path / "frame.npy", counts)
    (tmp_path / "frame.raw").write_bytes(np.repeat(counts, 3).astype("<u2").tobytes())
    frames = tmp_path / "frame.npy", tmp_path / "frame.raw"
    done = run(
        COMMAND, "detect", thermal, *frames, "--raw", "32x32", "--save", tmp_path / "out", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert [len(json.loads(line)["detections"]) for line in done.stdout.splitlines()] == [1, 1]


def test_tracking(photograph, tmp_path):
    sequence, out = tmp_path / "walk" / "img1", tmp_path / "out"
    sequence.mkdir(parents=True)
    for number in (1, 2, 3):
        shutil.copy(photograph, sequence / f"{number:06d}.png")
    flags = "--track", "--json", "--save", out, "--mot", tmp_path / "tracks.txt"
    done = run(COMMAND, "detect", STAGED, sequence.parent, *flags)
    assert done.returncode == 0, done.stderr
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    # The same picture three times: the first is computed in full, the others hardly.
    assert facts[0]["compute"] >= 1 > facts[2]["compute"]
    assert (out / "walk-detected.gif").is_file()
    assert (tmp_path / "tracks.txt").is_file()


@pytest.mark.parametrize("arguments", [("bench", "--runs", "3"), ("info",)])
def test_bench_and_info(arguments):
    command, *options = arguments
    done = run(COMMAND, command, TINY, "--json", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["macs"] == 10848


def test_budget(tmp_path):
    path = tmp_path / "phantom-32-int8.tflite"
    path.write_bytes(content_of(TINY))
    dataclasses.replace(Manifest.read(TINY), model="phantom").append_to(path)
    done = run(COMMAND, "budget", path, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["models"][0]["macs"] == 10848


def test_the_board_script(tmp_path):
    script = (ROOT / "tools" / "benchmark_device.py").read_text()
    board = tmp_path / "tools" / "benchmark_device.py"
    board.parent.mkdir()
    board.write_text(script)
    program = (
        "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = run(program, board, TINY, "--runs", "3", "--frame", "64x48")
    assert done.returncode == 0, done.stderr
    assert "preprocess" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["frame"] == "64x48"


def test_help_lists_the_device_commands():
    done = run(COMMAND, "--help")
    assert done.returncode == 0, done.stderr
    for command in ("detect", "bench", "budget", "info"):
        assert f"    {command} " in done.stdout


def test_detect_imports_little():
    program = COMMAND.replace("sys.exit(main(sys.argv[1:]))", "main(sys.argv[1:])")
    program += "    print([name for name in sys.modules if name.startswith('edgedet.cli.')])"
    done = run(program, "detect", TINY, "none.png")
    # No other command, and nothing that they need.
    imported = {name.removeprefix("edgedet.cli.") for name in ast.literal_eval(done.stdout)}
    assert imported == {"main", "arguments", "detect", "answers"}
