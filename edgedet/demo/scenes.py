"""Scenes: several drawn faces on clutter, with the exact box of each."""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import ImageFilter

from edgedet.demo.clutter import (
    draw_background,
    draw_distractor,
    draw_occluder,
    draw_pattern,
    draw_shoulders,
    enlarged,
)
from edgedet.demo.faces import draw_face
from edgedet.geometry import boxes as box_geometry

# (width, height) of a scene, chosen at random.
SIZES = ((160, 160), (176, 144), (144, 176), (192, 144))
# Sides of every face are within these, in pixels of the scene.
MIN_SIDE, MAX_SIDE = 10, 60
# Heights that are drawn; turned, the sides stay within the two above.
HEIGHTS = (14.0, 56.0)
# Share of scenes without a face, and the most faces in one.
EMPTY_SHARE = 0.12
MAX_FACES = 6
# Share of the smaller of two faces that the larger may overlap.
MAX_OVERLAP = 0.05
# Tries to find room for a face in a crowded scene.
TRIES = 20


@dataclasses.dataclass(frozen=True)
class Scene:
    """A drawn picture and where its faces are.

    Attributes:
        image: uint8 `[H, W, 3]`.
        boxes: int `[G, 4]`, xyxy, pixels of the image.
    """

    image: np.ndarray
    boxes: np.ndarray


def draw_scene(generator: np.random.Generator, scale: int = 1) -> Scene:
    """Return a random scene.

    Args:
        generator: Decides everything. The same state gives the same scene at every scale, but
            for faces that rounding finds or leaves no room for.
        scale: Pixels per pixel of the scene, to draw it larger for people.
    """
    width, height = (side * scale for side in SIZES[generator.integers(len(SIZES))])
    picture = draw_background(generator, (width, height))
    for _ in range(generator.integers(0, 3)):
        draw_pattern(generator, picture, scale)
    for _ in range(generator.integers(3, 10)):
        draw_distractor(generator, picture, scale)
    boxes = _draw_faces(generator, picture, scale)
    return Scene(_photographed(picture, generator, scale), boxes)


def _draw_faces(generator, picture, scale):
    """Draw people on `picture` and return the boxes of their faces."""
    placed = _placed_faces(generator, picture.size, scale)
    boxes = np.array([box for _, _, box in placed], int).reshape(-1, 4)
    # All bodies first, so that none hides a face.
    for patch, _, box in placed:
        if generator.random() < 0.7:
            draw_shoulders(generator, picture, tuple(box), patch.skin)
    for patch, place, _ in placed:
        picture.paste(patch.picture, place, patch.picture)
    for box in boxes:
        if generator.random() < 0.15:
            draw_occluder(generator, picture, tuple(box))
    return boxes


def _placed_faces(generator, size, scale):
    """Return (patch, (x, y) of its corner, box of its face) of each face, the smallest first."""
    empty = generator.random() < EMPTY_SHARE
    count = 0 if empty else int(generator.integers(1, MAX_FACES + 1))
    placed = []
    for height in np.sort(np.exp(generator.uniform(*np.log(HEIGHTS), count))):
        patch = draw_face(generator, height * scale)
        taken = [box for _, _, box in placed]
        place = _free_place(generator, patch.box, size, taken)
        if place is not None:
            placed.append((patch, place, np.array(patch.box) + (*place, *place)))
    return placed


def _free_place(generator, box, size, taken):
    """Return (x, y) of a patch such that its face is inside and free of others, or `None`."""
    sides = np.array([box[2] - box[0], box[3] - box[1]])
    for draw in generator.uniform(size=(TRIES, 2)):
        corner = (draw * (np.array(size) - sides)).astype(int)
        moved = np.array([*corner, *(corner + sides)], "float32")
        if all(_apart(moved, np.asarray(other, "float32")) for other in taken):
            return int(corner[0] - box[0]), int(corner[1] - box[1])
    return None


def _apart(a, b):
    smaller = min(box_geometry.area(a), box_geometry.area(b))
    return box_geometry.intersection(a, b) <= MAX_OVERLAP * smaller


def _photographed(picture, generator, scale):
    """Return the picture as a cheap camera sees it: uneven light, blur, noise; uint8."""
    blurred = picture.filter(ImageFilter.GaussianBlur(scale * generator.uniform(0.0, 0.8)))
    pixels = np.asarray(blurred, "float32")
    height, width = pixels.shape[:2]
    slope = generator.uniform(-0.3, 0.3, 2)
    light = (
        1 + slope[0] * np.linspace(-1, 1, height)[:, None] + slope[1] * np.linspace(-1, 1, width)
    )
    cast, exposure = generator.uniform(0.9, 1.1, 3), generator.uniform(0.75, 1.2)
    grain = generator.uniform(1.0, 7.0)
    pixels = pixels * (light * exposure)[..., None] * cast
    pixels += enlarged(
        generator.normal(scale=grain, size=(height // scale, width // scale, 3)), (width, height)
    )
    return np.clip(np.round(pixels), 0, 255).astype("uint8")
