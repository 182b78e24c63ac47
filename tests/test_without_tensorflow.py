"""The device side stands alone: nothing of the training installation can be imported here."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TINY = ROOT / "tests" / "fixtures" / "tiny-int8.tflite"

BLOCK = """
    import sys
    for name in ("tensorflow", "keras", "tf_keras", "matplotlib", "scipy", "pycocotools", "rich"):
        sys.modules[name] = None  # Importing it now fails.
"""

IMPORT_ALL = """
    import importlib, pkgutil
    import edgedet.runtime, edgedet.geometry
    for package in (edgedet.runtime, edgedet.geometry):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    for name in ("errors", "detections", "manifest", "outputs", "files", "images"):
        importlib.import_module(f"edgedet.{name}")
    for name in ("main", "detect", "bench", "info"):
        importlib.import_module(f"edgedet.cli.{name}")
"""

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


@pytest.fixture
def photograph(tmp_path):
    from PIL import Image

    image = Image.new("RGB", (32, 32))
    image.paste("white", (16, 8, 20, 12))
    image.save(tmp_path / "white.png")
    return tmp_path / "white.png"


def test_every_device_module_can_be_imported():
    done = run(IMPORT_ALL)
    assert done.returncode == 0, done.stderr


def test_the_detector_detects():
    done = run(DETECT, TINY)
    assert done.returncode == 0, done.stderr


def test_detect_with_pictures(photograph, tmp_path):
    done = run(COMMAND, "detect", TINY, photograph, "--save", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["detections"]) == 1
    assert (tmp_path / "out" / "white-detected.jpg").is_file()


@pytest.mark.parametrize("arguments", [("bench", "--runs", "3"), ("info",)])
def test_bench_and_info(arguments):
    command, *options = arguments
    done = run(COMMAND, command, TINY, "--json", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["macs"] == 10848


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
    for command in ("detect", "bench", "info"):
        assert f"    {command} " in done.stdout


def test_detect_imports_little():
    program = COMMAND.replace("sys.exit(main(sys.argv[1:]))", "main(sys.argv[1:])")
    program += "    print([name for name in sys.modules if name.startswith('edgedet.cli.')])"
    done = run(program, "detect", TINY, "none.png")
    assert done.stdout.strip() == "['edgedet.cli.main', 'edgedet.cli.detect']"
