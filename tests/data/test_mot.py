import numpy as np
import pytest

from edgedet.data import mot
from edgedet.data.layouts import open_dataset
from edgedet.errors import AnnotationError, DataError

# frame, id, left, top, width, height, counts, then as in MOT15.
LINES = [
    "1,1,11,21,30,40,1,-1,-1,-1",
    "1,2,51,21,30,40,0,-1,-1,-1",
    "3,1,13.5,21,30,40,1,-1,-1,-1",
]


@pytest.fixture
def write(tmp_path):
    """Write a sequence: `write(name, lines, frames=3, facts=...)`."""

    def write(name="walk", lines=LINES, frames=3, facts="[Sequence]\nname=any\n"):
        folder = tmp_path / "data" / name
        (folder / "img1").mkdir(parents=True)
        (folder / "gt").mkdir()
        for number in range(1, frames + 1):
            (folder / "img1" / f"{number:06d}.jpg").touch()
        (folder / "gt" / "gt.txt").write_text("\n".join(lines) + "\n")
        if facts is not None:
            (folder / "seqinfo.ini").write_text(facts)
        return folder

    return write


def test_a_sequence(write):
    folder = write()
    (dataset,) = mot.read_sequences(folder)
    assert dataset.class_names == ("person",)
    assert [record.image.name for record in dataset] == ["000001.jpg", "000002.jpg", "000003.jpg"]
    assert [record.image_id for record in dataset] == [1, 2, 3]
    assert {record.dataset for record in dataset} == {"walk"}
    first, second, third = dataset
    # Pixels of the file count from 1.
    np.testing.assert_array_equal(first.boxes, [[10, 20, 40, 60], [50, 20, 80, 60]])
    np.testing.assert_array_equal(first.track_ids, [1, 2])
    np.testing.assert_array_equal(first.ignored, [False, True])
    assert (len(second.boxes), second.boxes.shape) == (0, (0, 4))
    np.testing.assert_array_equal(third.boxes, [[12.5, 20, 42.5, 60]])
    assert (first.boxes.dtype, first.track_ids.dtype) == (np.float32, np.int32)


def test_classes_of_mot16(write):
    # A pedestrian, a car, someone on a vehicle, a statue, a pedestrian who does not count.
    kinds = [(1, 1), (1, 3), (1, 2), (1, 8), (0, 1)]
    lines = [f"1,{n},1,1,9,9,{counts},{kind},0.8" for n, (counts, kind) in enumerate(kinds)]
    (dataset,) = mot.read_sequences(write(lines=lines))
    np.testing.assert_array_equal(dataset[0].track_ids, [0, 2, 3, 4])
    np.testing.assert_array_equal(dataset[0].ignored, [False, True, True, True])


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("face_david", None, "face"),
        ("Face-2", "[Sequence]\nname=any\n", "face"),
        ("surface", "[Sequence]\nname=any\n", "person"),
        ("TUD-Campus", None, "person"),
        ("face_david", "[Sequence]\nclass=head\n", "head"),
    ],
)
def test_the_class_of_a_sequence(write, name, facts, expected):
    (dataset,) = mot.read_sequences(write(name, facts=facts))
    assert dataset.class_names == (expected,)


def test_a_folder_of_sequences(write):
    for name in ("walk", "face_a", "run"):
        folder = write(name)
    (folder.parent / "notes").mkdir()
    root = folder.parent
    names = [dataset[0].dataset for dataset in mot.read_sequences(root)]
    assert names == ["face_a", "run", "walk"]
    chosen = mot.read_sequences(root, ["walk", "run"])
    assert [dataset[0].dataset for dataset in chosen] == ["walk", "run"]
    with pytest.raises(
        DataError, match="expected wlak in the MOT layout .*found face_a, run, walk"
    ):
        mot.read_sequences(root, ["wlak"])
    with pytest.raises(DataError, match="expected sequences in the MOT layout .*found none"):
        mot.read_sequences(root / "notes")
    with pytest.raises(DataError):
        mot.read_sequences(root / "nowhere")


def test_the_layout_is_recognized(write):
    write("face_a")
    root = write("walk").parent
    dataset = open_dataset(root, "val")
    assert (len(dataset), dataset.class_names) == (6, ("face", "person"))
    # A sequence says nothing about the class that it does not label.
    np.testing.assert_array_equal(dataset[0].known, [True, False])
    np.testing.assert_array_equal(dataset[5].labels, [1])
    assert len(open_dataset(root / "walk", "val")) == 3
    with pytest.raises(DataError, match="expected split 'train' .*found val"):
        open_dataset(root, "train")


@pytest.mark.parametrize("line", ["1,1,2,3,4,5", "1,1,a,3,4,5,1", "1,1,nan,3,4,5,1,-1"])
def test_a_damaged_line_is_named(write, line):
    folder = write(lines=[LINES[0], line])
    with pytest.raises(AnnotationError, match="gt.txt:2: expected at least 7 numbers"):
        mot.read_sequences(folder)


def test_frames_without_image_are_named(write):
    folder = write(frames=2)
    with pytest.raises(AnnotationError, match="found none of frame 3"):
        mot.read_sequences(folder)
    for path in (folder / "img1").iterdir():
        path.rename(path.with_stem("a" + path.stem))
    with pytest.raises(DataError, match="expected numbered images"):
        mot.read_sequences(folder)


def test_damaged_facts_are_named(write):
    with pytest.raises(AnnotationError, match="seqinfo.ini: expected facts"):
        mot.read_sequences(write(facts="name without a section"))


def test_an_empty_annotation_is_a_sequence_without_objects(write):
    (dataset,) = mot.read_sequences(write(lines=[]))
    assert [len(record.boxes) for record in dataset] == [0, 0, 0]


# (sequence, frames, boxes, identities, class), counted from the files.
REAL = [
    ("TUD-Campus", 71, 359, 8, "person"),
    ("TUD-Stadtmitte", 179, 1156, 10, "person"),
    ("cdnet_office", 201, 156, 1, "person"),
    ("face_david", 150, 150, 1, "face"),
    ("face_faceocc2", 200, 200, 1, "face"),
]


@pytest.mark.parametrize(("name", "frames", "boxes", "identities", "class_name"), REAL)
def test_real_sequences(real_data, name, frames, boxes, identities, class_name):
    (dataset,) = mot.read_sequences(real_data / "video", [name])
    assert len(dataset) == frames
    assert sum(len(record.boxes) for record in dataset) == boxes
    assert len({int(one) for record in dataset for one in record.track_ids}) == identities
    assert dataset.class_names == (class_name,)
    assert all(record.image.is_file() for record in dataset)
