import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from edgedet.errors import DataError
from edgedet.settings import Optimization
from edgedet.training import Recipe
from edgedet.training.strategy import _of_machine, _require_shares, is_chief, make_strategy, share

PROGRAM = Path(__file__).with_name("replicas.py")
ROOT = PROGRAM.parents[2]


def start(name, **environment):
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def said_by(process):
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def assert_same(said, *runs):
    assert (said["replicas"], said["chief"]) == (2, True)
    for run in runs:
        weights, losses = said[run]
        # Adam divides by the size of a gradient, which makes much of the last bits of small ones.
        assert weights < 5e-5, run
        assert losses < 1e-5, run


@pytest.mark.slow
def test_two_devices_end_with_the_weights_of_one():
    assert_same(said_by(start("mirrored")), "synchronized", "accumulated")


@pytest.mark.slow
def test_two_machines_end_with_the_weights_of_one():
    workers = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    configs = [
        {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        for index in range(2)
    ]
    processes = [start("multiworker", TF_CONFIG=json.dumps(config)) for config in configs]
    try:
        chief, other = map(said_by, processes)
    finally:
        for process in processes:
            process.kill()
    assert_same(chief, "synchronized")
    assert other == {"replicas": 2, "chief": False}


def numbers(first, count):
    """Two batches of the numbers 0 to 7 and 8 to 15, of which some places are wanted."""
    places = np.arange(16).reshape(2, 8)[:, first : first + count]
    return tf.data.Dataset.from_tensor_slices({"images": places, "labels": 10 * places})


def test_one_device_is_chief_and_has_all():
    strategy = make_strategy(Recipe())
    assert is_chief(strategy)
    found = [batch["images"].tolist() for batch in share(strategy, numbers, 8).as_numpy_iterator()]
    assert found == np.arange(16).reshape(2, 8).tolist()


@pytest.mark.parametrize(
    ("machines", "machine", "expected"),
    [
        # Four replicas on two machines, one after the other; then on four; then on one.
        (2, 0, [[0, 1], [2, 3], [8, 9], [10, 11]]),
        (2, 1, [[4, 5], [6, 7], [12, 13], [14, 15]]),
        (4, 2, [[4, 5], [12, 13]]),
        (1, 0, [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11], [12, 13], [14, 15]]),
    ],
)
def test_each_replica_has_its_own_part_of_every_batch(machines, machine, expected):
    context = tf.distribute.InputContext(machines, machine, num_replicas_in_sync=4)
    found = list(_of_machine(numbers, 8, context).as_numpy_iterator())
    assert [part["images"].tolist() for part in found] == expected
    # What belongs together stays together.
    assert [part["labels"].tolist() for part in found] == (10 * np.array(expected)).tolist()


def test_a_machine_makes_only_its_own_part():
    asked = []
    context = tf.distribute.InputContext(2, 1, num_replicas_in_sync=4)
    _of_machine(lambda *part: asked.append(part) or numbers(*part), 8, context)
    assert asked == [(4, 4)]


def test_machines_must_be_named(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(DataError, match="TF_CONFIG to name all machines, found none"):
        make_strategy(Recipe(strategy="multiworker"))


def test_a_batch_that_cannot_be_shared_is_refused():
    recipe = Recipe(batch_size=12, optimization=Optimization(accumulate=2))
    _require_shares(recipe, replicas=1)
    with pytest.raises(
        DataError, match="a multiple of 16, 2 parts on each of 8 replicas, found 12"
    ):
        _require_shares(recipe, replicas=8)
    with pytest.raises(DataError, match="synchronize their batch norms.*\n.*--no-synchronize"):
        _require_shares(recipe, replicas=2)
    apart = Optimization(accumulate=2, synchronize_norms=False)
    _require_shares(Recipe(batch_size=12, optimization=apart), replicas=2)
