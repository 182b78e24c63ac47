"""A training that dies goes on as if nothing had happened: real processes, really killed."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from edgedet.files import UNFINISHED
from edgedet.training import Run

PROGRAM = Path(__file__).with_name("command.py")
ROOT = PROGRAM.parents[2]
EPOCHS = 8


def start(data, run, *words, **options):
    command = [sys.executable, str(PROGRAM), "--data", str(data), "--out", str(run.folder), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, **options)


def finish(process):
    _, said = process.communicate(timeout=600)
    return process.returncode, said


def final(run):
    with np.load(run.state_file) as saved:
        return {name: saved[name] for name in saved.files}


def epochs_of(run):
    return len(run.read_history())


def kill_after(process, run, epochs, seconds):
    """Kill a training `seconds` after it has finished some epochs."""
    while epochs_of(run) < epochs:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.fixture(scope="module")
def unbroken(faces, tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("runs") / "unbroken")
    assert finish(start(faces, run, "--epochs", str(EPOCHS)))[0] == 0
    return run


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_as_the_unbroken_run(unbroken, faces, tmp_path):
    run = Run(tmp_path / "broken")
    chance = random.Random()
    moments = [(chance.randrange(3), chance.uniform(0, 0.5)), (4, chance.uniform(0, 0.5))]
    words = ["--epochs", str(EPOCHS)]
    for epochs, seconds in moments:
        kill_after(start(faces, run, *words), run, epochs, seconds)
        # Before the first word of it is written there is nothing to go on from.
        words = ["--epochs", str(EPOCHS), *(["--resume"] if run.recipe_file.is_file() else [])]
    status, said = finish(start(faces, run, *words))
    assert status == 0, said

    found, expected = final(run), final(unbroken)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-5, err_msg=f"{name} {moments}")
    rows = [[row["epoch"], row["loss"]] for row in run.read_history()]
    np.testing.assert_allclose(
        rows, [[row["epoch"], row["loss"]] for row in unbroken.read_history()], rtol=1e-4
    )
    assert not list(run.folder.glob(f"{UNFINISHED}*"))


@pytest.mark.slow
def test_a_full_disk_leaves_the_last_state(unbroken, faces, tmp_path):
    run = Run(shutil.copytree(unbroken.folder, tmp_path / "run"))
    before = run.state_file.read_bytes(), run.best_file.read_bytes()

    def fill():
        # No file may grow beyond this: recipe and history still may, models not.
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    words = ["--resume", "--epochs", str(EPOCHS + 1)]
    status, said = finish(start(faces, run, *words, preexec_fn=fill))
    assert status == 1
    assert "cannot be written" in said
    assert "Traceback" not in said
    assert (run.state_file.read_bytes(), run.best_file.read_bytes()) == before

    # With space again it goes on.
    status, said = finish(start(faces, run, *words))
    assert status == 0, said
    assert int(final(run)["epoch"]) == EPOCHS + 1
