"""Resimulation: the looks of tracks of rendered sequences, on other ways.

To render frames takes most of the time, and a memory needs more kinds of motion than of looks.
"""

from __future__ import annotations

import numpy as np

from edgedet.data.sequences.path import Habits, views, walk
from edgedet.data.sequences.sightings import Sightings, sight
from edgedet.geometry import boxes as box_geometry
from edgedet.runtime.tracking.kalman import MotionNoise
from edgedet.training.track_clips import followed

# (height, width) of the frames, and how much larger the scene is.
SIZE, ROOM = (192, 256), 1.5
# Least and greatest size of an object in pixels, and the spread of ln(width / height).
OBJECT, ASPECT = (12.0, 120.0), 0.5
# Share of objects that are hidden for a while, and for how many frames.
HIDDEN, WHILE = 0.4, (2, 16)


def resimulated(clips: dict, has_std: bool, seed: int) -> dict[str, np.ndarray]:
    """Return as many tracks with the same looks and other motion; see `track_clips`.

    Args:
        clips: Rendered ones, `[C, KEPT, T, ...]`.
        has_std: Whether the detector says how sure it is of its boxes.
        seed: Decides the motion.
    """
    generator = np.random.default_rng(seed)
    count, kept, length = clips["seen"].shape
    scenes = [_scene(kept, length, generator) for _ in range(count)]
    boxes, seen = zip(*scenes, strict=True)
    names = ("boxes", "log_odds", "std", "seen")
    all_seen = Sightings(
        *(np.concatenate([getattr(one, name) for one in seen], axis=1) for name in names)
    )
    columns = followed(np.concatenate(boxes, axis=1), all_seen, MotionNoise(), has_std)
    moved = {name: array.reshape(count, kept, *array.shape[1:]) for name, array in columns.items()}
    return {**moved, "patch": clips["patch"][generator.permutation(count)]}


def _scene(count, length, generator):
    """Return the boxes, `[T, N, 4]`, of who moves before one camera, and what is seen of them."""
    scene_size = tuple(round(ROOM * side) for side in SIZE)
    seen = views(scene_size, SIZE, length, generator)
    paths = np.stack([_path(scene_size, length, generator) for _ in range(count)], axis=1)
    zoom = np.array(SIZE[::-1]) / (seen[:, 2:] - seen[:, :2])
    boxes = (paths - np.tile(seen[:, None, :2], 2)) * np.tile(zoom[:, None], 2)
    visible = box_geometry.area(box_geometry.clip(boxes, SIZE)) / box_geometry.area(boxes)
    for track in np.flatnonzero(generator.uniform(size=count) < HIDDEN):
        first = generator.integers(1, length)
        visible[first : first + generator.integers(*WHILE), track] *= generator.uniform(0, 0.6)
    return boxes, sight(boxes, np.where(visible < 0.1, 0, visible), generator)


def _path(scene_size, length, generator):
    size = np.exp(generator.uniform(*np.log(OBJECT)))
    shape = np.exp(0.5 * generator.normal(0, ASPECT))
    start = generator.uniform((0, 0), scene_size[::-1])
    sides = (size * shape, size / shape)
    return walk(start, sides, length, Habits.draw(generator), generator)
