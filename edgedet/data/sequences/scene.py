"""Scenes: a background, what moves in front of it, and the camera that films both."""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image

from edgedet.data.sequences.path import Habits, views, walk
from edgedet.data.sequences.sprite import Sprite
from edgedet.geometry import boxes as box_geometry

# Less of an object than this is not seen, and it is not annotated.
LEAST_VISIBLE = 0.1
# Places along each axis of a box that are looked at to see how much of it is hidden.
PLACES = 8
# Least and greatest standard deviation of the sensor's noise, in grey levels, and most by which
# its gain drifts, as a share.
NOISE, GAIN = (0.5, 6.0), 0.2


@dataclasses.dataclass(frozen=True, eq=False)
class Film:
    """T frames and their N objects; whoever is not seen in a frame has label -1 there.

    Attributes:
        images: uint8 `[T, h, w, 3]`.
        boxes: float32 `[T, N, 4]` xyxy, whole objects, also what is hidden or outside of them.
        labels: int32 `[T, N]`.
        track_ids: int32 `[T, N]`, -1 where the label is.
        visible: float32 `[T, N]`, the share of each object that can be seen.
        reset: bool `[T]`, where another scene begins.
    """

    images: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    track_ids: np.ndarray
    visible: np.ndarray
    reset: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Background:
    """A picture behind everything, with the objects that are in it.

    Attributes:
        picture: RGB, at least as large as the frames.
        boxes: float `[G, 4]` xyxy.
        labels: int `[G]`.
    """

    picture: Image.Image
    boxes: np.ndarray
    labels: np.ndarray


def film(background: Background, sprites: list[Sprite], size, length: int, seed: int) -> Film:
    """Return a film of sprites that move in front of a background.

    Args:
        background: What does not move, unless the camera does.
        sprites: As large as they begin; the later hide the earlier.
        size: (height, width) of the frames.
        length: T.
        seed: The same seed gives the same film.
    """
    generator = np.random.default_rng(seed)
    height, width = background.picture.height, background.picture.width
    seen = views((height, width), size, length, generator)
    paths = [_path(sprite, seen, generator) for sprite in sprites]
    still = np.broadcast_to(background.boxes, (length, *background.boxes.shape))
    moving = np.array(paths).reshape(-1, length, 4).transpose(1, 0, 2)
    zoom = np.array(size[::-1]) / (seen[:, 2:] - seen[:, :2])
    boxes = np.concatenate([still, moving], axis=1) - np.tile(seen[:, None, :2], 2)
    boxes = boxes * np.tile(zoom[:, None], 2)
    labels = np.append(background.labels, [sprite.label for sprite in sprites]).astype("int32")
    pictures = [
        _drawn(background.picture, view, sprites, places, size)
        for view, places in zip(seen, boxes[:, len(background.boxes) :], strict=True)
    ]
    images = _as_filmed(np.stack(pictures), generator)
    return _annotated(images, boxes, labels, len(background.boxes))


def joined(films: list[Film]) -> Film:
    """Return films one after another as one; nobody is in two of them."""
    objects = sum(film.labels.shape[1] for film in films)
    parts, before = [], 0
    for film in films:
        count = film.labels.shape[1]
        columns = slice(before, before + count)
        ids = np.where(film.track_ids < 0, -1, film.track_ids + before)
        filled = [
            _widened(array, objects, columns, empty)
            for array, empty in ((film.boxes, 0), (film.labels, -1), (ids, -1), (film.visible, 0))
        ]
        parts.append(Film(film.images, *filled, film.reset))
        before += count
    names = [field.name for field in dataclasses.fields(Film)]
    return Film(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _widened(array, objects, columns, empty):
    wide = np.full((len(array), objects, *array.shape[2:]), empty, array.dtype)
    wide[:, columns] = array
    return wide


def _path(sprite, seen, generator):
    """Return where a sprite goes in the scene, so that it is seen in some frame."""
    frame = generator.integers(len(seen))
    place = generator.uniform(seen[frame, :2], seen[frame, 2:])
    path = walk(place, sprite.sides, len(seen), Habits.draw(generator), generator)
    middle = (path[frame, :2] + path[frame, 2:]) / 2
    return path + np.tile(place - middle, 2)


def _drawn(picture, view, sprites, places, size):
    canvas = picture.resize(size[::-1], Image.Resampling.BILINEAR, box=tuple(view))
    for sprite, box in zip(sprites, places, strict=True):
        sprite.put(canvas, box)
    return np.asarray(canvas)


def _as_filmed(images, generator):
    """Return the frames, uint8, as a sensor with noise and a drifting gain gives them."""
    frames = np.arange(len(images))
    phase = 2 * np.pi * (frames / generator.uniform(20, 120) + generator.uniform())
    gain = 1 + generator.uniform(0, GAIN) * np.sin(phase)
    noise = generator.standard_normal(images.shape, "float32") * generator.uniform(*NOISE)
    pixels = images * gain.astype("float32")[:, None, None, None] + noise
    return np.clip(np.rint(pixels), 0, 255).astype("uint8")


def _annotated(images, boxes, labels, still):
    """Return the film without those who are never seen."""
    size = images.shape[1:3]
    visible = np.stack([_visible(places, still, size) for places in boxes])
    seen = (visible >= LEAST_VISIBLE) & (labels >= 0)
    named = seen.any(axis=0)
    seen, boxes, visible = seen[:, named], boxes[:, named], visible[:, named]
    reset = np.arange(len(images)) == 0
    return Film(
        images,
        boxes.astype("float32"),
        np.where(seen, labels[named], -1).astype("int32"),
        np.where(seen, np.arange(named.sum()), -1).astype("int32"),
        visible.astype("float32"),
        reset,
    )


def _visible(boxes, still, size):
    """Return the share of each box, `[N]`, that is in the frame and behind no later sprite."""
    if not len(boxes):
        return np.zeros(0)
    shares = (np.arange(PLACES) + 0.5) / PLACES
    grid = np.stack(np.meshgrid(shares, shares), axis=-1).reshape(-1, 2)
    places = boxes[:, None, :2] + grid * (boxes[:, None, 2:] - boxes[:, None, :2])
    inside = ((places >= 0) & (places < size[::-1])).all(axis=-1)
    covers = (places[:, :, None] >= boxes[:, :2]) & (places[:, :, None] < boxes[:, 2:])
    order = np.arange(len(boxes))
    # What belongs to the background hides nobody.
    in_front = (order[None] > order[:, None]) & (order[None] >= still)
    hidden = (covers.all(axis=-1) & in_front[:, None]).any(axis=-1)
    return (inside & ~hidden).mean(axis=1) * (box_geometry.area(boxes) > 0)
