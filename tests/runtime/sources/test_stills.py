from PIL import Image

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
