import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from edgedet.errors import UsageError
from edgedet.outputs import DOMAINS
from edgedet.training import RECIPES
from edgedet.training.datasets import open_datasets

THERMAL = RECIPES["nightvision-thermal"]
# What each set labels, as the people say who drew the boxes.
LABELLED = {
    "hit_uav": ["person", "vehicle", "bicycle"],
    "ltd_person": ["person"],
    "dogs_people": ["person", "animal"],
    "cheetah": ["person", "animal"],
}


def opened(*folders, **changes):
    recipe = dataclasses.replace(THERMAL, data=tuple(map(str, folders)), **changes)
    return open_datasets(recipe)


def named(train, known):
    every = np.ones(len(train.class_names), bool)
    asked = every if known is None else known
    return [name for name, is_asked in zip(train.class_names, asked, strict=True) if is_asked]


def test_each_set_of_the_combined_view_is_asked_what_it_labels(real_data):
    train, val = opened(real_data / "thermal")
    assert train.class_names == ("person", "vehicle", "bicycle", "animal")
    found = {record.dataset: named(train, record.known) for record in train.records}
    assert found == LABELLED
    # Nothing is masked where it is measured.
    assert all(record.known is None for record in val.records)


def test_separate_sets_are_asked_by_the_names_they_have(real_data):
    folders = [real_data / "thermal" / name for name in LABELLED]
    train, _ = opened(*folders, classes=("person", "car", "bicycle", "dog", "cheetah"))
    found = {r.image.parent.parent.name: named(train, r.known) for r in train.records}
    # The cheetahs' people are called human there, which is another name.
    assert found == {
        "hit_uav": ["person", "car", "bicycle"],
        "ltd_person": ["person"],
        "dogs_people": ["person", "dog"],
        "cheetah": ["cheetah"],
    }


def test_domains_are_said_by_set(real_data):
    domains = "hit_uav=vehicle", "ltd_person=human", "cheetah=wildlife"
    train, _ = opened(real_data / "thermal", set_domains=domains)
    found = {record.dataset: record.domain for record in train.records}
    assert found == {
        "hit_uav": DOMAINS.index("vehicle"),
        "ltd_person": DOMAINS.index("human"),
        "cheetah": DOMAINS.index("wildlife"),
        "dogs_people": -1,
    }


@pytest.fixture
def view(tmp_path):
    """A combined view of two sets: one shows a person, the other a dog."""
    (tmp_path / "annotations").mkdir()
    (tmp_path / "train").mkdir()
    entries, boxes = [], []
    for number, (name, label) in enumerate([("city", 1), ("zoo", 2)]):
        Image.new("L", (32, 24)).save(tmp_path / "train" / f"{number}.png")
        entries.append({"id": number, "file_name": f"{number}.png", "dataset": name})
        boxes.append({"image_id": number, "category_id": label, "bbox": [2, 2, 8, 8]})
    categories = [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}]
    content = {"images": entries, "categories": categories, "annotations": boxes}
    path = tmp_path / "annotations" / "instances_train.json"
    path.write_text(json.dumps(content))
    return tmp_path


def test_what_a_set_never_shows_it_does_not_label(view):
    train, _ = opened(view, classes=())
    assert [record.known.tolist() for record in train.records] == [[True, False], [False, True]]


def test_one_set_labels_all_of_its_classes(view):
    path = view / "annotations" / "instances_train.json"
    path.write_text(path.read_text().replace('"zoo"', '"city"'))
    train, _ = opened(view, classes=())
    assert all(record.known is None for record in train.records)


def test_a_domain_of_no_set_is_refused(view):
    with pytest.raises(UsageError, match="--set-domains: expected sets that are there, city, zoo"):
        opened(view, classes=(), set_domains=("moon=general",))
