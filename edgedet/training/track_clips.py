"""Track clips: what the filters make of simulated sightings, for an object memory to learn from."""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.data.sequences.sightings import Sightings, sight
from edgedet.geometry import boxes as box_geometry
from edgedet.models.memory_loss import HORIZONS
from edgedet.runtime.tracking.kalman import Motion, MotionNoise, Observation, size
from edgedet.runtime.tracking.memory import surprises
from edgedet.runtime.tracking.patch import patches

# Of the tracks of a sequence so many are kept: who moves by itself, who is in the background last.
KEPT = 8
# Smaller objects, in pixels, are specks; truth beyond such an error, in sizes, cannot be followed.
LEAST_SIZE, LOST = 8.0, 3.0


def track_clips(films, side: int, has_std: bool, seed: int) -> dict[str, np.ndarray]:
    """Return tracks as `edgedet.models.memory.ObjectMemory` takes them, `KEPT` of each sequence.

    Args:
        films: An iterable of batches, see `edgedet.data.sequences`.
        side: Pixels along each axis of the patches.
        has_std: Whether the detector says how sure it is of its boxes.
        seed: Decides what is seen.
    """
    generator = np.random.default_rng(seed)
    clips = [_clip(film, side, has_std, generator) for batch in films for film in _uncut(batch)]
    return {name: np.stack([clip[name] for clip in clips]) for name in clips[0]}


def _uncut(batch):
    """Yield the films of a batch that show one scene: tracks of two have nothing in common."""
    batch = {name: np.asarray(array) for name, array in batch.items()}
    for number in np.flatnonzero(batch["reset"].sum(axis=1) == 1):
        yield {name: array[number] for name, array in batch.items()}


def _clip(film, side, has_std, generator):
    size = np.sqrt(box_geometry.area(film["boxes"])).min(axis=0)
    # Objects of the background come first.
    kept = np.flatnonzero(size >= LEAST_SIZE)[: -KEPT - 1 : -1]
    boxes, visible = film["boxes"][:, kept], film["visible"][:, kept]
    seen = sight(boxes, np.where(film["labels"][:, kept] >= 0, visible, 0), generator)
    clip = followed(boxes.astype("float64"), seen, MotionNoise(), has_std)
    images = np.round(film["images"] * 255).astype("uint8")
    looks = [patches(image, seen.boxes[t], side) for t, image in enumerate(images)]
    clip["patch"] = np.stack(looks, axis=1).astype("float16")
    # Tracks that are missing are never seen; logarithms are taken of variances.
    return {name: _filled(array, name == "variance") for name, array in clip.items()}


def _filled(array, empty):
    filled = np.full((KEPT, *array.shape[1:]), empty, array.dtype)
    filled[: len(array)] = array
    return filled


def followed(boxes, seen: Sightings, noise: MotionNoise, has_std: bool) -> dict[str, np.ndarray]:
    """Return what the filters of N objects say frame by frame, `[N, T, ...]`.

    Args:
        boxes: float64 `[T, N, 4]` xyxy, the truth; of no area where there is none.
        seen: What is detected of it.
        noise: Of the filters.
        has_std: Whether they are told how sure the detector is of its boxes.

    Returns:
        `surprise`, `seen`, `error`, `variance` and `known`, as `ObjectMemory` and its `box_loss`
        take them.
    """
    length, count = seen.seen.shape
    truth = _positions(boxes)
    motion, unseen, known = None, np.zeros(count, int), np.zeros(count, bool)
    columns = {name: [] for name in ("surprise", "seen", "error", "variance", "known")}
    for t in range(length):
        std = np.repeat(seen.std[t][:, None], 4, axis=1) if has_std else None
        now = Observation.of(seen.boxes[t], std, noise)
        new = seen.seen[t] & ~known
        begun = Motion.start(now, noise)
        before = begun if motion is None else _chosen(new, begun, motion.predict(1, noise))
        after = _chosen(new, begun, before.update(_where_seen(now, seen.seen[t])))
        known |= new
        unseen = np.where(known & ~new, unseen + 1, 0)
        columns["surprise"].append(surprises(before, after, now, seen.log_odds[t], unseen))
        unseen = np.where(seen.seen[t], 0, unseen)
        columns["seen"].append(seen.seen[t])
        ahead = _ahead(after, truth, boxes, t, noise)
        for name, array in ahead.items():
            columns[name].append(array)
        columns["known"][-1] &= (known & (unseen == 0))[:, None]
        motion = after
    return {name: np.stack(rows, axis=1) for name, rows in columns.items()}


def _ahead(motion, truth, boxes, t, noise):
    """Return how far the filters are off now and in some frames, `[N, K, ...]`."""
    error, variance, known = [], [], []
    for frames in HORIZONS:
        later = motion.predict(frames, noise)
        place = min(t + frames, len(truth) - 1)
        scale = size(later.position)[:, None]
        units = np.concatenate([scale, scale, np.ones_like(scale), np.ones_like(scale)], axis=1)
        off = (truth[place] - later.position) / units
        there = box_geometry.area(boxes[place]) > 0
        known.append(there & (t + frames < len(truth)) & (np.abs(off) < LOST).all(axis=1))
        error.append(np.where(known[-1][:, None], off, 0))
        variance.append(later.variance / units**2)
    columns = {"error": error, "variance": variance, "known": known}
    stacked = {name: np.stack(rows, axis=1) for name, rows in columns.items()}
    return {n: a if n == "known" else a.astype("float32") for n, a in stacked.items()}


def _positions(boxes):
    code = box_geometry.xyxy_to_cxcywh(boxes)
    return np.concatenate([code[..., :2], np.log(np.maximum(code[..., 2:], 1e-3))], axis=-1)


def _where_seen(now, seen):
    return Observation(now.position, np.where(seen[:, None], now.variance, np.inf))


def _chosen(new, begun, others):
    pairs = (
        (getattr(begun, field.name), getattr(others, field.name))
        for field in dataclasses.fields(Motion)
    )
    return Motion(*(np.where(new[:, None], one, other) for one, other in pairs))
