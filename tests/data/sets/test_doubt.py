"""A teacher's detections as ground truth."""

import json

import numpy as np
from PIL import Image

from edgedet.data.layouts import open_dataset
from edgedet.data.sets.doubt import doubt


def write_detections(folder, given_keys):
    Image.new("RGB", (40, 30)).save(folder / "a.png")
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "categories": [{"id": 1, "name": "face"}, {"id": 2, "name": "hand"}],
        "annotations": [
            {"id": place, "image_id": 1, "category_id": 1, "bbox": [place, 2, 5, 5], **given}
            for place, given in enumerate(given_keys)
        ],
    }
    path = folder / "teacher.json"
    path.write_text(json.dumps(content))
    return path


def test_unsure_objects_are_ignored_and_drawn_ones_are_not(tmp_path):
    # Sure, exactly sure enough, unsure, and drawn by a person.
    path = write_detections(tmp_path, [{"score": 0.9}, {"score": 0.6}, {"score": 0.59}, {}])
    dataset = doubt(open_dataset(path, "train"), 0.6)
    np.testing.assert_array_equal(dataset[0].ignored, [False, False, True, False])


def test_chosen_classes_can_be_doubted(tmp_path):
    path = write_detections(tmp_path, [{"score": 0.9}, {"score": 0.1, "category_id": 2}, {}])
    dataset = open_dataset(path, "train", ["face"])
    np.testing.assert_allclose(dataset[0].scores, [0.9, 1])
    np.testing.assert_array_equal(doubt(dataset, 0.95)[0].ignored, [True, False])


def test_what_people_drew_has_no_scores_and_stays_as_it_is(tmp_path):
    dataset = open_dataset(write_detections(tmp_path, [{}, {}]), "train")
    assert dataset[0].scores is None
    assert not doubt(dataset, 1.1)[0].ignored.any()
