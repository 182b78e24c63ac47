"""What every test may ask for."""

import collections
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parent.parent

# As the commands do, see `edgedet.cli.loading`; before anything imports TensorFlow.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def pytest_collection_modifyitems(items):
    """Put files of many slow tests first: what is left for the end is short, on every core."""
    slow = collections.Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; the test is skipped where it is missing."""
    folder = Path(os.environ.get("EDGEDET_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set EDGEDET_DATA to run this test")
    return folder


def draw_clutter(generator, size) -> np.ndarray:
    """Return an image with structure at every scale, as photographs have: uint8 `[H, W, 3]`."""
    total = np.zeros((*size, 3))
    for cells in (2, 4, 8, 16, 32):
        noise = generator.integers(0, 256, (cells, cells, 3)).astype("uint8")
        layer = Image.fromarray(noise).resize(size[::-1], Image.Resampling.BICUBIC)
        total += np.asarray(layer, "float64") / cells
    span = total.max() - total.min()
    return (255 * (total - total.min()) / span).astype("uint8")


def draw_faces(generator, size, sides):
    """Draw a bright disc with two dark eyes per entry of `sides`, each in a quarter of its own.

    Returns:
        uint8 `[H, W, 3]` on dark clutter, and the boxes, int `[G, 4]` as xywh.
    """
    image = Image.fromarray(draw_clutter(generator, size) // 3)
    pen = ImageDraw.Draw(image)
    height, width = size[0] // 2, size[1] // 2
    boxes = []
    for quarter, side in zip(generator.permutation(4), sides, strict=False):
        x = quarter % 2 * width + int(generator.integers(0, width - side + 1))
        y = quarter // 2 * height + int(generator.integers(0, height - side + 1))
        pen.ellipse([x, y, x + side - 1, y + side - 1], fill=(235, 200, 170))
        for eye in (0.3, 0.7):
            centre, radius = (x + eye * side, y + 0.4 * side), side / 10
            pen.circle(centre, radius, fill=(20, 20, 20))
        boxes.append([x, y, side, side])
    return np.asarray(image), np.array(boxes, int).reshape(-1, 4)


@pytest.fixture(scope="session")
def clutter():
    """Draw an image with structure at every scale: `clutter(seed, (height, width))`."""
    return lambda seed, size: draw_clutter(np.random.default_rng(seed), size)


@pytest.fixture(scope="session")
def write_faces():
    """Write a small data set in WIDER FACE's layout: `write_faces(folder, train=8, val=2)`.

    Images are 128 x 128 with one to three faces of 20 to 56 pixels, the same for the same seed.
    """

    def write(folder, seed=0, side=128, **counts):
        generator = np.random.default_rng(seed)
        for split, count in counts.items():
            images = folder / f"WIDER_{split}" / "images" / "0--Drawn"
            images.mkdir(parents=True)
            lines = []
            for number in range(count):
                sides = generator.integers(20, 57, generator.integers(1, 4)) * side // 128
                image, boxes = draw_faces(generator, (side, side), sides)
                Image.fromarray(image).save(images / f"{number}.jpg", quality=95)
                faces = [" ".join(map(str, [*box, 0, 0, 0, 0, 0, 0])) for box in boxes]
                lines += [f"0--Drawn/{number}.jpg", str(len(faces)), *faces]
            text = folder / "wider_face_split" / f"wider_face_{split}_bbx_gt.txt"
            text.parent.mkdir(exist_ok=True)
            text.write_text("\n".join(lines) + "\n")
        return folder

    return write
