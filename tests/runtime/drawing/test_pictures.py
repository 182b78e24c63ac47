import numpy as np
import pytest

from edgedet.detections import Detections, Tracks
from edgedet.errors import OutputError
from edgedet.images import read
from edgedet.runtime.activity import Activity
from edgedet.runtime.drawing.heat_map import heat_map
from edgedet.runtime.drawing.pictures import Pictures
from edgedet.thermal import Normalization

IMAGE = np.zeros((120, 160, 3), "uint8")
FOUND = Detections(np.array([[40, 50, 90, 100]], "float32"), np.ones(1), np.zeros(1, int))


def track(x, number=1):
    boxes = np.array([[x, 50, x + 40, 100]], "float32")
    return Tracks(
        boxes,
        np.ones(1),
        np.zeros(1, int),
        track_ids=np.array([number]),
        states=np.array(["matched"]),
    )


def test_still_images_are_drawn_and_nothing_moves(tmp_path):
    pictures = Pictures(tmp_path / "out", ("face",))
    pictures.add("a", IMAGE, FOUND)
    pictures.add("a", IMAGE, FOUND)
    pictures.end_stream("folder")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a-detected-2.jpg", "a-detected.jpg"]
    assert read(tmp_path / "out" / names[0])[0].max() > 100


def test_tracks_have_trails_and_a_gif_of_each_stream(tmp_path):
    pictures = Pictures(tmp_path, ("face",))
    for frame in range(4):
        pictures.add(f"{frame}", IMAGE, track(10 + 20 * frame))
    pictures.end_stream("walk")
    # Left of the box at x = 70 is black, but for the trail at half its height.
    left = read(tmp_path / "3-detected.jpg")[0][:, 32:66].max(axis=-1)
    assert (left[70:80].max(axis=0) > 60).all()
    assert left[85:].max() < 30
    pictures.add("other", IMAGE, track(100))
    pictures.end_stream("run")
    # Another stream begins without the trails of the last one.
    assert read(tmp_path / "other-detected.jpg")[0][70:80, 32:96].max() < 30
    assert sorted(path.name for path in tmp_path.glob("*.gif")) == [
        "run-detected.gif",
        "walk-detected.gif",
    ]


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        Pictures(tmp_path / "file" / "out", ("face",))


def test_thermal_frames_are_heat_maps_beside_their_temperatures(tmp_path):
    counts = np.tile(np.linspace(28_000, 31_000, 160), (120, 1)).astype("uint16")
    nothing = FOUND[:0]
    for name, thermal in (
        ("plain", Normalization()),
        ("kelvin", Normalization(kelvin_per_count=0.01)),
    ):
        Pictures(tmp_path, ("person",), thermal).add(name, counts, nothing)
        shown = read(tmp_path / f"{name}-detected.jpg")[0].astype(int)
        # JPEG blurs colours by some levels.
        assert np.abs(shown[:, :160] - heat_map(counts, thermal)).mean() < 4
        assert (shown.shape[1] > 160) == thermal.radiometric


def test_what_was_computed_is_shown(tmp_path):
    cells = np.zeros((4, 4), bool)
    cells[1, 0] = True
    activity = Activity(0.5, cells, (160, 160))
    Pictures(tmp_path, ("face",)).add("a", IMAGE, track(100), activity)
    shown = read(tmp_path / "a-detected.jpg")[0]
    # Cell (1, 0) is pixels 0 to 40 of rows 20 to 60 of the frame.
    assert shown[25:55, 5:35].max(axis=-1).min() > 50
    assert shown[25:45, 45:75].max() < 20


@pytest.mark.parametrize(("size", "times"), [((24, 32), 10), ((100, 159), 2), ((120, 160), 1)])
def test_small_frames_are_enlarged(tmp_path, size, times):
    """Each pixel is a square, and boxes stay where they are."""
    image = np.zeros((*size, 3), "uint8")
    image[:, 16:] = 200
    found = Detections(np.array([[16, 4, 24, 20]], "float32"), np.ones(1), np.zeros(1, int))
    Pictures(tmp_path, ("face",)).add("a", image, found)
    shown, (height, width) = read(tmp_path / "a-detected.jpg")
    assert (height, width) == (times * size[0], times * size[1])
    assert shown[-2, : 16 * times - 8].max() < 60 < shown[-2, 16 * times + 8 :].min()
    # The left side of the box, in the middle of its height, is green as of class 0.
    side = shown[12 * times, 16 * times]
    assert np.ptp(side.astype(int)) > 60


def test_tracks_on_small_frames_are_enlarged_too(tmp_path):
    Pictures(tmp_path, ("face",)).add("a", IMAGE[:, :150], track(20))
    shown = read(tmp_path / "a-detected.jpg")[0].max(axis=-1)
    # The box is x 20 to 60, y 50 to 100, drawn twice as large.
    assert shown[150, 38:43].max() > 100 and shown[150, 117:123].max() > 100
    assert shown[150, 50:110].max() < 40
