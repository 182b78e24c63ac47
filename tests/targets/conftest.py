import keras
import numpy as np
import pytest

from edgedet.geometry import ltrb
from edgedet.geometry.points import grid_points


@pytest.fixture(params=["numpy", "keras"])
def asarray(request):
    """Make an array of either world; whole numbers stay whole."""

    def make(values, dtype="float32"):
        array = np.asarray(values, dtype)
        return array if request.param == "numpy" else keras.ops.convert_to_tensor(array)

    return make


@pytest.fixture(scope="session")
def random_boxes():
    """Draw boxes of 2 to 60 pixels inside an image, `[G, 4]`, some of them equal in size."""

    def draw(seed, count, size=(64, 96)):
        generator = np.random.default_rng(seed)
        sides = 2 ** generator.uniform(1, 5.9, (count, 2))
        sides[::3] = 12.0
        start = generator.uniform(0, 1, (count, 2)) * (np.array(size)[::-1] - sides)
        return np.concatenate([start, start + sides], axis=-1).astype("float32")

    return draw


@pytest.fixture(scope="session")
def random_raw():
    """Draw predictions that are near the objects here and there, `{kind: float32 [1, P, k]}`."""

    def draw(seed, size, strides, boxes, num_classes):
        generator = np.random.default_rng(seed)
        points, point_strides = grid_points(size, strides)
        near = boxes[generator.integers(0, len(boxes), len(points))]
        near = near + generator.normal(0, 3, near.shape)
        distances = np.maximum(ltrb.encode(near, points, point_strides), 0.2)
        shape = (1, len(points))
        return {
            "box_ltrb": distances[None].astype("float32"),
            "class_logits": generator.normal(-1, 2, (*shape, num_classes)).astype("float32"),
            "objectness_logits": generator.normal(-1, 2, (*shape, 1)).astype("float32"),
        }

    return draw
