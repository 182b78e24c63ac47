import pytest
from PIL import Image

from edgedet.errors import SourceError
from edgedet.runtime.sources.stills import stills


def picture(path, kind="PNG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path, kind)
    return path


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    names = [f"{number:02d}.png" for number in range(30)]
    for name in ("b.png", *reversed(names), "a.jpg", "C.JPEG"):
        picture(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    found = stills(str(tmp_path))
    assert [still.path.name for still in found] == [*names, "C.JPEG", "a.jpg", "b.png"]
    assert [still.frame for still in found] == list(range(33))


def test_hidden_files_are_no_frames(tmp_path):
    for name in (".a.jpg", "._b.png", "c.png"):
        picture(tmp_path / name)
    assert [(still.path.name, still.frame) for still in stills(str(tmp_path))] == [("c.png", 0)]
    # Who names one means it.
    assert len(stills(str(tmp_path / ".a.jpg"))) == 1


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(
        SourceError, match=r"cannot be listed \(Permission denied\)\.\n\S"
    ) as raised:
        stills(str(tmp_path))
    assert str(raised.value).startswith(f"{tmp_path}: ")


def test_a_sequence_counts_from_one(tmp_path):
    for name in ("000002.jpg", "000001.jpg"):
        picture(tmp_path / "img1" / name)
    picture(tmp_path / "cover.png")
    found = stills(str(tmp_path))
    assert [(still.path.name, still.frame) for still in found] == [
        ("000001.jpg", 1),
        ("000002.jpg", 2),
    ]


def test_a_file_is_one_image(tmp_path):
    assert [still.frame for still in stills(str(picture(tmp_path / "a.png")))] == [0]
    # Its bytes speak for a file without a telling name.
    assert len(stills(str(picture(tmp_path / "picture")))) == 1
