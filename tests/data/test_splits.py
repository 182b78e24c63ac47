import pytest

from edgedet.data.splits import full_name, image_folders
from edgedet.errors import DataError


@pytest.mark.parametrize(
    ("split", "offered", "name"),
    [
        ("val", ["train", "val"], "val"),
        ("val", ["train2017", "val2017"], "val2017"),
        ("val", ["val_2", "valminusmini"], "val_2"),
        # A full name is meant even where a longer one would do.
        ("val", ["val", "val2017"], "val"),
        ("train", ["train", "trainval", "val"], "train"),
        ("a+", ["a+1", "aa1"], "a+1"),
    ],
)
def test_one_split_is_meant(split, offered, name):
    assert full_name(split, offered, "data") == name


@pytest.mark.parametrize(
    ("split", "offered", "said"),
    [
        ("val", ["val2014", "val2017", "train"], "found val2014, val2017"),
        ("test", ["train", "val"], "found train, val"),
        ("train", ["trainval"], "found trainval"),
        ("val", [], "found none"),
    ],
)
def test_none_or_several_are_an_error(split, offered, said):
    with pytest.raises(DataError, match=f"^data: expected split '{split}' once, {said}\\.\nChoose"):
        full_name(split, offered, "data")


def test_the_own_split_s_folder_comes_first_and_another_s_only_without_it(tmp_path):
    for name in ("train2017", "val2014", "val2017"):
        (tmp_path / name).mkdir()
    found = image_folders([tmp_path], "instances_val2017")
    assert [path.name for path in found] == ["val2017", "val2014", tmp_path.name]
    (tmp_path / "val2014").rmdir()
    (tmp_path / "val2017").rmdir()
    assert image_folders([tmp_path], "instances_val2017") == [tmp_path / "train2017", tmp_path]
