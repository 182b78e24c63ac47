"""Train a predictor on videos that are simulated from training images.

    python tools/train_predictor.py --data DIR ... --out predictor.npz [--films 200] [--steps 800]
    edgedet export ... --part predictor.npz

Makes films of each data set, trains, and calibrates the threshold. Held out are the images that
`compare_gates.py` takes.
"""

from __future__ import annotations

import argparse
import bisect
import dataclasses
import logging
from pathlib import Path

import numpy as np
from simulated_video import Film, simulate_with_scene, subjects

from edgedet.data import layouts
from edgedet.parts import rounded, save_part
from edgedet.runtime.sparse import Prediction
from edgedet.runtime.sparse.grid import CellGrid
from edgedet.runtime.sparse.predictor import PATCH

# What a film is of, and how often.
KINDS = {
    "still": (0.3, {}),
    "walk": (0.25, {"side": (0.15, 0.4)}),
    "far": (0.12, {"side": (0.1, 0.15), "speed": 1.5}),
    "slow": (0.12, {"side": (0.15, 0.5), "speed": 0.4}),
    "talk": (0.13, {"side": (0.4, 0.7), "speed": 1.5, "reach": 0.05}),
    "pan": (0.08, {"pan": 2.0}),
}
# Share of patches that may be computed in vain where nothing but noise, light and wind is.
FALSE_ALARMS = 0.003
# Films that tell it, and the thresholds that are tried.
CALIBRATION_FILMS = 40
THRESHOLDS = np.geomspace(1, 128, 43)

log = logging.getLogger(__name__)


def main():
    """Train, and write what was learned."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args = arguments()
    save_part(args.out, train(args))


def train(args):
    """Return the weights of a trained predictor."""
    import keras

    from edgedet.models.predictor import Predictor
    from edgedet.training.predictor import train_predictor

    keras.utils.set_random_seed(0)
    films, predictor = made(args), Predictor()
    log.info("learning from %d films", len(films.samples))
    said = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: log.info("epoch %d: loss %.4f", epoch + 1, logs["loss"])
    )
    train_predictor(predictor, films, args.steps, callbacks=[said])
    weights = rounded(predictor.device_weights())
    return {**weights, "threshold": calibrated(weights, films)}


def made(args):
    """Return films of all data sets in turn."""
    from edgedet.training.films import Films

    generator = np.random.default_rng(0)
    chosen = [subjects(layouts.open_dataset(folder, "train"))[1] for folder in args.data]
    films = []
    for number in range(args.films):
        films.append(film_of(chosen[number % len(chosen)], generator))
        if number % 50 == 49:
            log.info("%d films", number + 1)
    return Films(*(np.stack(arrays) for arrays in zip(*films, strict=True)))


def film_of(records, generator):
    """Return the fields of `Films` for one film."""
    background, sprite = (records[place] for place in generator.choice(len(records), 2, False))
    film, seed = random_film(generator), int(generator.integers(1 << 30))
    shown = simulate_with_scene(film, background, sprite, seed)
    grid = CellGrid(shown[0][0].shape[:2], (320, 320), 16)
    # Quarters of grey levels fit into 16 bits.
    return (
        np.stack([grid.brightness(frame) for frame, _ in shown]).astype("float16"),
        np.stack([grid.brightness(scene) for _, scene in shown]).astype("float16"),
    )


def random_film(generator):
    """Return a film of any kind, in any light, with any noise and compression."""
    shares, kinds = zip(*KINDS.values(), strict=True)
    kind = kinds[generator.choice(len(kinds), p=shares)]
    return Film(
        **kind,
        resting=generator.choice([0, 0.3, 0.7]),
        noise=np.exp(generator.uniform(0, np.log(8))),
        light=generator.choice([0, 0.03, 0.1, 0.3]),
        flicker=generator.choice([0, 0, 0.03, 0.1]),
        sway=0 if "pan" in kind else generator.choice([0, 0, 0, 1, 2]),
        exposure=generator.choice([1, 1, 0.5, 0.25]),
        quality=[None, 60, 80, 90, 95][generator.integers(5)],
        codec=[None, None, "mpeg4", "libx264"][generator.integers(4)],
        bit_rate=int(np.exp(generator.uniform(np.log(150e3), np.log(1e6)))),
    )


def calibrated(weights, films):
    """Return the least threshold with few false alarms in films where nothing moves."""
    still = (films.scenes == films.scenes[:, :1]).all(axis=(1, 2, 3))
    samples = films.samples[still][:CALIBRATION_FILMS]
    place = bisect.bisect_left(
        THRESHOLDS, True, key=lambda one: false_alarms(weights, one, samples) <= FALSE_ALARMS
    )
    return np.float32(THRESHOLDS[min(place, len(THRESHOLDS) - 1)])


def false_alarms(weights, threshold, films):
    """Return the share of patches that a gate computes, without the first frames."""
    size = films.shape[2:]
    grid, active = Stored(size, size, PATCH), []
    for film in films:
        gate = Prediction(weights, threshold)
        active += [gate(frame.astype("float32"), grid).mean() for frame in film][1:]
    log.info("threshold %.1f: %.3f %% false alarms", threshold, 100 * np.mean(active))
    return np.mean(active)


@dataclasses.dataclass(frozen=True)
class Stored(CellGrid):
    """A grid of samples that were taken already, each a pixel."""

    step = 1

    def brightness(self, frame):
        """Return the samples themselves."""
        return frame


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="data sets")
    parser.add_argument("--films", type=int, default=300, help="of 60 frames")
    parser.add_argument("--steps", type=int, default=800, help="batches")
    parser.add_argument("--out", type=Path, required=True, help="its weights, .npz")
    return parser.parse_args()


if __name__ == "__main__":
    main()
