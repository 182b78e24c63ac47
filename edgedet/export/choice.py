"""Choice: of all files that were made of a network, the one that answers as it does, or best."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

from edgedet.export.forms import Exported
from edgedet.export.inputs import chosen_subset, pattern_inputs
from edgedet.export.verify import Parity, compare_detections, compare_outputs, mean_ap50
from edgedet.manifest import Manifest
from edgedet.models import keras_engine
from edgedet.runtime.engine import Engine, LiteRTEngine

# Inputs and images that the answers of network and file are compared on.
COMPARED_INPUTS = 8
COMPARED_IMAGES = 100
# Chooses them: other ones than most of those that set the ranges.
SEED = 1

log = logging.getLogger(__name__)


def choose(
    engine: Engine, written: Sequence[Sequence[Exported]], datasets, calibration, expected: dict
) -> tuple[Exported, Parity]:
    """Return the best file of the most wanted form of which any may stand for the network.

    Args:
        engine: Of the network.
        written: The forms of each rounding, as `write_forms` returns them.
        datasets: On whose images detections are compared; on none without any.
        calibration: uint8 `[N, h, w, bands]`, on which raw outputs are; on patterns without any.
        expected: Fields of every `Parity` that are known otherwise; see `known`.
    """
    for files in zip(*written, strict=True):
        found = [_compare(engine, each, datasets, calibration) for each in files]
        parities = [dataclasses.replace(parity, **expected) for parity in found]
        best = max(zip(files, parities, strict=True), key=lambda pair: pair[1].worth)
        if best[1].is_faithful:
            break
        log.info(
            "%d of %d detections are found again, AP50 is %.3f",
            *(best[1].partnered, best[1].detections, best[1].ap50_file or 0.0),
        )
    else:
        return best
    if files[0] is not written[0][0]:
        log.warning(
            "interpreters may answer a few steps apart: rounded so that they agree bit for bit, "
            "the file would find too little"
        )
    return best


def known(reference, manifest: Manifest, datasets) -> dict:
    """Return what a file must not find less than, as a field of `Parity`.

    Args:
        reference: What the network was before it learned to round, a `Detector`, or `None`.
        manifest: How its outputs become detections.
        datasets: On whose images it is measured.
    """
    if reference is None or not datasets:
        return {}
    engine = keras_engine(reference, learns=False)
    return {"ap50_network": mean_ap50(engine, manifest, _compared(datasets))}


def _compare(network, exported, datasets, calibration) -> Parity:
    """Return how closely a file answers as its network, an engine, does."""
    manifest = exported.manifest
    file = LiteRTEngine(exported.path, manifest)
    inputs = calibration[:COMPARED_INPUTS]
    if not len(inputs):
        log.info("no training images: raw outputs are compared on patterns")
        inputs = pattern_inputs(manifest, COMPARED_INPUTS, SEED)
    parity = Parity(compare_outputs(network, file, inputs))
    if not datasets or manifest.precision == "float":
        return parity
    measured = compare_detections(network, file, manifest, _compared(datasets))
    if not measured.detections:
        log.warning("the network reports nothing on training images: is it trained?")
    return dataclasses.replace(measured, max_error=parity.max_error)


def _compared(datasets):
    """Return the images that detections are compared on."""
    share = -(-COMPARED_IMAGES // len(datasets))
    return [chosen_subset(dataset, share, SEED) for dataset in datasets]
