import numpy as np
import pytest
from PIL import Image, ImageFilter


def draw_scene(seed, size):
    """Return a scene as a lens shows it: warm and cold areas, a few hot bodies, uint8 `[H, W]`."""
    generator = np.random.default_rng(seed)
    total = np.zeros(size)
    for cells in (2, 4, 8, 16):
        coarse = generator.integers(0, 256, (cells, cells), "uint8")
        layer = Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC)
        total += np.asarray(layer, "float64") / cells
    total = 40 + 120 * (total - total.min()) / np.ptp(total)
    for _ in range(5):
        row, column = generator.integers(0, size[0] - 3), generator.integers(0, size[1] - 3)
        high, wide = max(3, size[0] // 12), max(3, size[1] // 20)
        total[row : row + high, column : column + wide] += generator.uniform(30, 60)
    blurred = Image.fromarray(total.astype("uint8")).filter(ImageFilter.GaussianBlur(1))
    noisy = np.asarray(blurred) + generator.normal(0, 0.7, size)
    return np.clip(np.rint(noisy), 0, 255).astype("uint8")


@pytest.fixture(scope="session")
def scene():
    """Draw a thermal scene: `scene(seed, (height, width))`, uint8 `[H, W]`."""
    return draw_scene
