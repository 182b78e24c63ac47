import numpy as np

from edgedet.models.memory_loss import HORIZONS
from edgedet.runtime.tracking.memory import FEATURES
from edgedet.training.resimulation import resimulated

COUNT, KEPT, LENGTH = 6, 4, 20


def rendered():
    """Return what is used of rendered tracks: the patches of each sequence are its number."""
    patch = np.arange(COUNT, dtype="float16")[:, None, None, None]
    return {
        "seen": np.ones((COUNT, KEPT, LENGTH), bool),
        "patch": np.broadcast_to(patch, (COUNT, KEPT, LENGTH, 12)),
    }


def test_tracks_keep_their_looks_together_and_go_other_ways():
    moved = resimulated(rendered(), has_std=True, seed=0)
    assert moved["surprise"].shape == (COUNT, KEPT, LENGTH, FEATURES)
    assert moved["error"].shape == moved["variance"].shape == (COUNT, KEPT, LENGTH, 7, 4)
    assert moved["known"].shape == (COUNT, KEPT, LENGTH, len(HORIZONS))
    looks = moved["patch"].reshape(COUNT, -1)
    assert sorted(looks[:, 0]) == list(range(COUNT)) and (looks == looks[:, :1]).all()
    # No two tracks have the same surprises, and most are seen most of the time.
    assert len(np.unique(moved["surprise"][:, :, 5].reshape(-1, FEATURES), axis=0)) == COUNT * KEPT
    assert 0.3 < moved["seen"].mean() < 0.95
    assert np.isfinite(moved["error"]).all() and (moved["variance"] > 0).all()


def test_the_seed_decides():
    one, again, other = (resimulated(rendered(), True, seed) for seed in (1, 1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])
    assert (one["surprise"] != other["surprise"]).any()


def test_without_doubts_of_the_detector_all_boxes_are_as_sure():
    doubts = resimulated(rendered(), has_std=False, seed=0)["surprise"][..., -2:]
    assert np.ptp(doubts.reshape(-1, 2), axis=0).max() < 1.0
    told = resimulated(rendered(), has_std=True, seed=0)["surprise"][..., -2:]
    assert np.ptp(told.reshape(-1, 2), axis=0).max() > 2.0
