import keras
import numpy as np
import pytest

from edgedet.models.memory import ObjectMemory
from edgedet.models.memory_loss import HORIZONS
from edgedet.runtime.tracking import memory as device
from edgedet.training.memory import batches, prediction_errors, train_memory

SEQUENCES, KEPT, LENGTH, SIDE = 16, 4, 6, 4


def clips(error=0.0, variance=0.01, seed=0):
    """Return tracks whose filters are always off by `error` sizes, each with looks of its own."""
    random = np.random.default_rng(seed)
    shape = (SEQUENCES, KEPT, LENGTH)
    looks = random.normal(size=(SEQUENCES, KEPT, 1, SIDE * SIDE * 3))
    # The upper half of what is seen is another each time, and must be looked past.
    spread = np.repeat([1.5, 0.1], SIDE * SIDE * 3 // 2)
    noise = spread * random.normal(size=(*shape, SIDE * SIDE * 3))
    return {
        "surprise": random.normal(size=(*shape, device.FEATURES)).astype("float32"),
        "seen": np.ones(shape, bool),
        "error": np.full((*shape, len(HORIZONS), 4), error, "float32"),
        "variance": np.full((*shape, len(HORIZONS), 4), variance, "float32"),
        "known": np.ones((*shape, len(HORIZONS)), bool),
        "patch": (looks + noise).astype("float16"),
    }


def small():
    keras.utils.set_random_seed(0)
    return ObjectMemory(size=4, side=SIDE, hidden=0, embedding=8)


def on_device(memory):
    return device.ObjectMemory(memory.weights_by_name())


def test_it_learns_how_far_filters_are_off_and_who_is_who():
    memory = small()
    history = train_memory(memory, clips(0.2), clips(0.2, seed=1), epochs=25)
    errors = prediction_errors(on_device(memory), clips(0.2, seed=2))
    for frames in (1, 3, 10):
        assert errors[frames]["iou"] > errors[frames]["filter_iou"] + 0.1
        assert errors[frames]["nll"] < errors[frames]["filter_nll"]
    assert history["identity"][-1] < 0.75 * history["identity"][0]


def test_the_best_epoch_is_kept(monkeypatch):
    # What is held out errs the other way: each step makes it worse.
    memory = small()
    history = train_memory(memory, clips(0.2), clips(-0.2, seed=1), epochs=6)
    best = min(history["val_loss"])
    memory.compile()
    assert memory.evaluate(batches(clips(-0.2, seed=1)), verbose=0)[0] == pytest.approx(
        best, abs=1e-3
    )


def test_errors_of_the_filters_by_hand():
    # A square half beside its place: a third of both is shared. Standard deviation .5.
    given = clips(0.0, variance=0.25)
    given["error"][..., 0] = 0.5
    given["surprise"][..., 8] = 0
    errors = prediction_errors(on_device(small()), given)[3]
    assert errors["iou"] == errors["filter_iou"] == pytest.approx(1 / 3, rel=1e-4)
    assert errors["filter_nll"] == pytest.approx(0.5 + 2 * np.log(2 * np.pi * 0.25), rel=1e-4)
    assert errors["count"] == SEQUENCES * KEPT * LENGTH


def test_mirrored_tracks_turn_sideways_only():
    given = clips(0.3)
    given["patch"] = np.arange(SIDE * SIDE * 3, dtype="float16") + np.zeros_like(given["patch"])
    straight = next(iter(batches(given)))["patch"][0, 0]
    signs = set()
    for batch in batches(given, seed=3):
        for error, patch in zip(batch["error"].numpy(), batch["patch"].numpy(), strict=True):
            signs.add(float(np.sign(error[0, 0, 0])))
            np.testing.assert_allclose(error[..., 1:], 0.3, rtol=1e-6)
            rows = np.reshape(straight, (SIDE, SIDE, 3))
            expected = rows if error[0, 0, 0] > 0 else rows[:, ::-1]
            np.testing.assert_array_equal(patch[0].reshape(SIDE, SIDE, 3), expected)
    assert signs == {-1.0, 1.0}


def test_the_same_seed_gives_the_same_order():
    def order(seed):
        return np.concatenate([batch["surprise"] for batch in batches(clips(), seed)])

    np.testing.assert_array_equal(order(1), order(1))
    assert (order(1) != order(2)).any()
