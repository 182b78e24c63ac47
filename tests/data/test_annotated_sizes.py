import json
import logging

import numpy as np
from PIL import Image

from edgedet.data import coco
from edgedet.data.source.scan import scan


def write(folder, sizes):
    """Write images of (width, height), all annotated as 40x30; return their records."""
    entries = []
    for number, size in enumerate(sizes):
        Image.new("RGB", size).save(folder / f"{number}.png")
        entries.append({"id": number, "file_name": f"{number}.png", "width": 40, "height": 30})
    entries[-1] = {"id": len(sizes) - 1, "file_name": f"{len(sizes) - 1}.png"}
    box = {"id": 1, "image_id": 0, "category_id": 1, "bbox": [1, 2, 3, 4]}
    content = {"images": entries, "categories": [{"id": 1, "name": "a"}], "annotations": [box]}
    (folder / "a.json").write_text(json.dumps(content))
    return coco.read(folder / "a.json", folder)


def test_images_of_another_size_than_annotated_are_told(tmp_path, caplog):
    # As annotated; half as large; lying on its side; and one of which nobody knows.
    dataset = write(tmp_path, [(40, 30), (20, 15), (30, 40), (7, 7)])
    assert [record.size for record in dataset.records] == [(30, 40)] * 3 + [None]
    with caplog.at_level(logging.WARNING):
        found = scan(dataset)
    np.testing.assert_array_equal(found.sizes[1], (15, 20))
    (said,) = [each.getMessage() for each in caplog.records]
    assert "found 1 of 4 of another: 1.png is 20x15, annotated as 40x30" in said


def test_nothing_is_said_of_what_fits(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        scan(write(tmp_path, [(40, 30), (9, 9)]))
    assert not caplog.records
