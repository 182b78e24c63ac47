import logging

import pytest

from edgedet.training import progress
from edgedet.training.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests move on: `clock(3)` lets three seconds pass."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


def test_a_line_says_how_fast_and_how_long(clock, caplog):
    callback = Progress(images=8, steps=5, epochs=4)
    with caplog.at_level(logging.INFO):
        for epoch in (1, 2):
            callback.on_epoch_begin(epoch)
            for step in range(5):
                clock(2)
                callback.on_train_batch_end(step, {"loss": 9.0})
            clock(20)  # An evaluation.
            callback.on_epoch_end(epoch, {"loss": 0.25})
    # 40 images in 10 s. An epoch takes half a minute: of two, and of one.
    assert [record.message for record in caplog.records] == [
        "epoch 2/4  loss 0.2500  4 images/s  1 min left",
        "epoch 3/4  loss 0.2500  4 images/s  0 min left",
    ]
    assert callback.rate == 4


def test_a_long_epoch_is_heard_of(clock, caplog):
    callback = Progress(images=8, steps=1000, epochs=2)
    callback.on_epoch_begin(0)
    with caplog.at_level(logging.INFO):
        for step in range(45):
            clock(2)
            callback.on_train_batch_end(step, {"loss": 0.5})
    # Every 30 s and a step; 1000 steps of 2 s are 33 minutes, and there are two epochs.
    assert [record.message for record in caplog.records] == [
        "epoch 1/2  step 16/1000  loss 0.5000  4 images/s  66 min left",
        "epoch 1/2  step 32/1000  loss 0.5000  4 images/s  66 min left",
    ]
