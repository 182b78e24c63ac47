"""What a process is set to before TensorFlow is imported, whichever way that happens."""

import os

import pytest

from edgedet.cli import loading, train
from edgedet.training import Recipe


@pytest.mark.parametrize("strategy", ["single", "mirrored", "multiworker"])
def test_every_strategy_trains_in_a_prepared_process(strategy, monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    monkeypatch.setattr("edgedet.training.strategy.make_strategy", lambda recipe: None)
    train._start(Recipe(strategy=strategy))
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"


def test_what_a_user_has_set_stays(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    loading.prepare_process()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"
