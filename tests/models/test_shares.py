import numpy as np
import pytest
import tensorflow as tf

from edgedet.models.shares import add_in_turns, add_over_replicas, replicas, reported

BATCH = {"images": tf.constant([1.0, 2.0, 4.0, 8.0]), "labels": tf.constant([0, 1, 1, 0])}
ZEROS = {"sum": 0.0, "most": 0.0}


def of_share(share):
    """A sum, which adds up over shares, and a maximum, which tells how they were cut."""
    chosen = tf.where(share["labels"] > 0, share["images"], 0.0)
    return {"sum": tf.reduce_sum(chosen), "most": tf.reduce_max(share["images"])}


@pytest.mark.parametrize("run", [lambda function: function, tf.function], ids=["eager", "graph"])
@pytest.mark.parametrize(
    ("parts", "most"),
    # All at once 8; pairs 2 + 8; one by one 1 + 2 + 4 + 8.
    [(1, 8.0), (2, 10.0), (4, 15.0)],
)
def test_parts_add_up(run, parts, most):
    found = run(lambda: add_in_turns(of_share, BATCH, parts, lambda: ZEROS))()
    assert {name: float(value) for name, value in found.items()} == {"sum": 6.0, "most": most}


def test_one_replica_is_alone():
    assert replicas() == 1
    assert add_over_replicas([3.0]) == [3.0]


def test_only_several_machines_report_in_rows(monkeypatch):
    logs = {"loss": tf.constant(3.0)}
    assert reported(logs) is logs
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", object)
    np.testing.assert_array_equal(reported(logs)["loss"], [3.0])
