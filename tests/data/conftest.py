import numpy as np
import pytest
from PIL import Image

from edgedet.data.record import Dataset, Record


@pytest.fixture
def make_dataset(tmp_path):
    """Write images and return them as a data set of faces.

    Each item is (uint8 image `[H, W, 3]`, boxes xyxy) or (image, boxes, ignored).
    """

    def make(*items, suffix=".jpg", **options):
        records = []
        for number, (image, boxes, *ignored) in enumerate(items):
            path = tmp_path / f"{number}{suffix}"
            Image.fromarray(image).save(path, **options)
            boxes = np.array(boxes, "float32").reshape(-1, 4)
            regions = np.array(ignored[0] if ignored else [False] * len(boxes), bool)
            labels = np.zeros(len(boxes), "int32")
            records.append(Record(path, boxes, labels, regions, number))
        return Dataset(records, ("face",), (1,), "drawn")

    return make


@pytest.fixture
def greys(make_dataset):
    """Return images of one grey level each, 10, 20, 30 ..., with one box."""

    def make(count, size=(48, 64), **options):
        images = (np.full((*size, 3), 10 + 10 * number, "uint8") for number in range(count))
        return make_dataset(*((image, [[8, 8, 40, 40]]) for image in images), **options)

    return make
