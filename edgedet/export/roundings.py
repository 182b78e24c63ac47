"""Roundings: the ways in which a network may become integers, of which the best one ships.

What images tell can mislead: biases that keep the mean of all cells move those few that see an
object, too. So each way is tried, and what finds most on training images wins.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np

from edgedet.errors import ModelError
from edgedet.manifest import Manifest
from edgedet.quantization import is_rounded
from edgedet.quantization.bias_correction import correct_biases
from edgedet.quantization.clipping import lowest_logits
from edgedet.quantization.post_training import quantize_post_training

# Images that ranges are measured on at a time.
BATCH = 16

log = logging.getLogger(__name__)


def roundings(network, precision: str, calibration: np.ndarray, manifest: Manifest) -> Iterator:
    """Yield networks to convert; each is changed when the next one is asked for.

    The converter by itself chooses ranges for values that no one looks at, and lets the shifts of
    rounding add up; see `quantize_post_training` and `correct_biases`.

    Args:
        network: A trained network; where it rounds already there is one way.
        precision: See `export`; but for `int8` there is nothing to choose.
        calibration: uint8 `[N, h, w, bands]`; none leaves it to the converter.
        manifest: What the outputs mean.
    """
    if precision != "int8" or is_rounded(network) or not len(calibration):
        yield network
        return
    parts = -(-len(calibration) // BATCH)
    batches = [batch / np.float32(255) for batch in np.array_split(calibration, parts)]
    try:
        # Clipping pays in squared errors, but on our detectors not in detections.
        lowest = lowest_logits(manifest)
        made = quantize_post_training(network, batches, clip=False, correct=False, lowest=lowest)
    except ModelError as error:
        log.info("the converter chooses ranges by itself: %s", error)
        yield network
        return
    yield made
    correct_biases(made, network, batches)
    yield made
