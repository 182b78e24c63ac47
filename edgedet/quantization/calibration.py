"""Calibration: which images set the ranges, and so the scales, of the integers."""

from __future__ import annotations

import numpy as np

# More images cover rarer brightness; beyond some hundred the ranges hardly move.
CALIBRATION_IMAGES = 256


def calibration_order(dataset, seed: int = 0) -> list:
    """Return all records, shuffled, those with objects first.

    An object raises activations that background alone never reaches; a range without them
    would cut off the best scores. The caller takes as many from the front as it can read.

    Args:
        dataset: A training set; has a length and gives records by index.
        seed: The same seed gives the same order.
    """
    shuffled = [dataset[index] for index in np.random.default_rng(seed).permutation(len(dataset))]
    # A stable sort: within each half the shuffled order stays.
    return sorted(shuffled, key=lambda record: not (~record.ignored).any())
