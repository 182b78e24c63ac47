import sys

import numpy as np
import pytest

from edgedet.errors import MissingExtraError, SourceError
from edgedet.runtime.sources import open_source

av = pytest.importorskip("av", reason="needs PyAV: pip install 'edgedet[video]'")

# The matrix of an MP4 track that is shown as it was recorded, and turned by a quarter.
UPRIGHT = bytes.fromhex("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000")
TURNED = bytes.fromhex("00000000 00010000 00000000 FFFF0000 00000000 00000000 00000000 00000000")


@pytest.fixture
def video(tmp_path):
    """Five frames of 64 x 48 that get brighter, the right half white."""
    path = tmp_path / "walk.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(5):
            image = np.full((48, 64, 3), 40 * number, "uint8")
            image[:, 32:] = 255
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def test_frames_in_order(video):
    source = open_source(str(video))
    assert (source.name, source.first, source.count) == ("walk", 0, None)
    frames = list(source)
    assert [frame.frame for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.name for frame in frames][:2] == ["walk-000000", "walk-000001"]
    assert {frame.source for frame in frames} == {str(video)}
    assert frames[3].shown == f"{video}, frame 3"
    pixels = [frame.read() for frame in frames]
    assert {(image.shape, image.dtype) for image in pixels} == {((48, 64, 3), np.dtype("uint8"))}
    levels = [image[:, :28].mean() for image in pixels]
    np.testing.assert_allclose(levels, [0, 40, 80, 120, 160], atol=6)
    assert all(image[:, 36:].mean() > 245 for image in pixels)


def test_it_may_be_read_twice(video):
    source = open_source(str(video))
    assert len(list(source)) == len(list(source)) == 5


def test_what_was_recorded_lying_is_shown_upright(video):
    content = video.read_bytes()
    assert content.count(UPRIGHT) == 2  # Of the film and of its track.
    place = content.rindex(UPRIGHT)
    video.write_bytes(content[:place] + TURNED + content[place + len(TURNED) :])
    image = next(iter(open_source(str(video)))).read()
    assert image.shape == (64, 48, 3)
    # A quarter clockwise: what was on the right is below.
    assert image[40:].mean() > 245
    assert image[:28].mean() < 10


def test_a_file_that_is_no_video(tmp_path):
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42")
    with pytest.raises(SourceError, match="broken.mp4: expected a video that can be opened"):
        open_source(str(path))


def test_a_video_that_breaks_off_ends_early(tmp_path, video, caplog):
    # As a stream it can be cut anywhere; an MP4 has its table at the end.
    path = tmp_path / "cut.avi"
    with av.open(str(video)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"movi") + 4 + 60])
    assert 1 <= len(list(open_source(str(path)))) < 5


def test_without_pyav_the_cure_is_named(video, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"walk.mp4: videos .* need PyAV(?s:.*)\[video\]"):
        open_source(str(video))
