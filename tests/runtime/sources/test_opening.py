import numpy as np
import pytest
from PIL import Image

from edgedet.errors import SourceError
from edgedet.runtime.sources import open_source
from edgedet.runtime.sources.frame_files import FrameFiles
from edgedet.thermal import Normalization


def picture(path, kind="PNG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path, kind)
    return path


@pytest.mark.parametrize("kind", ["file", "folder", "sequence"])
def test_images_as_a_source(tmp_path, kind):
    first = picture(tmp_path / ("img1" if kind == "sequence" else "") / "000001.png")
    path = first if kind == "file" else tmp_path
    source = open_source(str(path))
    (frame,) = source
    assert (source.name, source.count) == (path.name, 1)
    assert source.first == frame.frame == (1 if kind == "sequence" else 0)
    assert (frame.source, frame.shown, frame.name) == (str(first), str(first), "000001")
    assert frame.read().shape == (4, 4, 3)


def test_a_source_may_be_the_folder_we_are_in(tmp_path, monkeypatch):
    monkeypatch.chdir(picture(tmp_path / "walk" / "a.png").parent)
    assert open_source(".").name == "walk"


@pytest.mark.parametrize("source", ["none.png", "none.mp4", "empty", "text.txt", "empty_sequence"])
def test_other_sources_are_refused_with_what_is_accepted(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty_sequence" / "img1").mkdir(parents=True)
    (tmp_path / "text.txt").write_text("no image")
    with pytest.raises(SourceError, match=rf"(?s)^{source}.*Accepted are an image file"):
        open_source(source)


def test_a_folder_of_thermal_frames(tmp_path):
    counts = np.full((4, 6), 30_000, "uint16")
    np.save(tmp_path / "a.npy", counts)
    (tmp_path / "b.raw").write_bytes(counts.tobytes())
    Image.fromarray(counts).save(tmp_path / "c.tiff")
    frames = list(open_source(str(tmp_path), FrameFiles(Normalization(), 1, (4, 6))))
    assert [frame.name for frame in frames] == ["a", "b", "c"]
    for frame in frames:
        np.testing.assert_array_equal(frame.read().reshape(4, 6), counts)
    # Of which size a raw frame is nobody knows unless it is said.
    assert [frame.name for frame in open_source(str(tmp_path))] == ["a", "c"]
    with pytest.raises(SourceError, match="--raw WxH"):
        open_source(str(tmp_path / "b.raw"))
