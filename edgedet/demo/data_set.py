"""The demo's data set: drawn scenes on disk, laid out as WIDER FACE is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgedet import files, images
from edgedet.data import wider_face
from edgedet.demo.scenes import Scene, draw_scene

# The folder that the official layout would name after an event.
EVENT = "0--Drawn"
# The six flags after x, y, w, h: blur, expression, illumination, invalid, occlusion, pose.
NO_FLAGS = "0 0 0 0 0 0"


def write_data_set(root: Path, counts: dict[str, int], seed: int = 0) -> None:
    """Write drawn scenes into `root`, in the layout that `edgedet.data.wider_face` reads.

    Args:
        root: The data folder.
        counts: Split (`train`, `val`) -> number of images.
        seed: The same seed draws the same scenes.

    Raises:
        OutputError: The folder cannot be written.
    """
    for place, (split, count) in enumerate(counts.items()):
        blocks = []
        for index in range(count):
            scene = draw_scene(np.random.default_rng([seed, place, index]))
            name = f"{EVENT}/0_Drawn_{split}_{index:04d}.jpg"
            path = wider_face.image_folder(root, split) / name
            files.write_bytes(path, images.encode_jpeg(scene.image))
            blocks.append(_block(name, scene))
        files.write_text(wider_face.annotation_file(root, split), "".join(blocks))


def _block(name: str, scene: Scene) -> str:
    """Return the lines of one image; one without faces has a line of zeros, as the original."""
    faces = [f"{x1} {y1} {x2 - x1} {y2 - y1} {NO_FLAGS}" for x1, y1, x2, y2 in scene.boxes]
    lines = [name, f"{len(faces)}", *(faces or [f"0 0 0 0 {NO_FLAGS}"])]
    return "".join(f"{line}\n" for line in lines)
