"""Pictures of scenes that the network has never seen, with what it finds in them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from edgedet.demo.scenes import SIZES, Scene, draw_scene
from edgedet.runtime import EdgeDetector
from edgedet.runtime.drawing.detections import draw

# Tells the generator of these scenes from those of the data set's splits.
UNSEEN = 99
COLUMNS, ROWS = 3, 2
# Scenes are drawn so many times larger than in the data set; the network sees them small.
SCALE = 3
GAP = 12
BACKGROUND = (24, 24, 24)
# Few enough to look at, enough to show that one is not the rule.
MIN_FACES = 3


def draw_sheet(detect: EdgeDetector, seed: int = 0) -> np.ndarray:
    """Return large unseen scenes with the detections drawn, uint8 `[H, W, 3]`.

    Args:
        detect: Finds the faces.
        seed: Chooses the scenes.
    """
    largest = max(size for size in SIZES if size[0] > size[1])
    cell = SCALE * np.array(largest) + GAP
    sheet = Image.new("RGB", (COLUMNS * cell[0] + GAP, ROWS * cell[1] + GAP), BACKGROUND)
    for place, scene in enumerate(unseen_scenes(COLUMNS * ROWS, seed)):
        picture = draw(scene.image, detect(scene.image), detect.manifest.class_names)
        tile = Image.fromarray(picture)
        row, column = divmod(place, COLUMNS)
        room = cell - GAP - tile.size
        corner = GAP + np.array([column, row]) * cell + room // 2
        sheet.paste(tile, tuple(int(side) for side in corner))
    return np.asarray(sheet)


def unseen_scenes(count: int, seed: int = 0, scale: int = SCALE) -> list[Scene]:
    """Return `count` wide scenes of several faces each that no data set of the demo holds."""
    scenes, index = [], 0
    while len(scenes) < count:
        scene = draw_scene(np.random.default_rng([seed, UNSEEN, index]), scale)
        index += 1
        height, width = scene.image.shape[:2]
        if width > height and len(scene.boxes) >= MIN_FACES:
            scenes.append(scene)
    return scenes
