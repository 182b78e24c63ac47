import sys
import threading
import time

import pytest

from edgedet.errors import MissingExtraError, SourceError
from edgedet.runtime.sources import open_source
from edgedet.runtime.sources.camera import newest


class Stream:
    """A camera that gives a picture whenever the test says so, and knows whether it was closed."""

    def __init__(self, count=1000):
        self.count = count
        self.given = 0
        self.closed = threading.Event()
        self.ready = threading.Semaphore(0)

    def __call__(self):
        try:
            for number in range(self.count):
                self.ready.acquire(timeout=5)
                self.given = number + 1
                yield number
        finally:
            self.closed.set()

    def begin(self, pictures):
        """Let the first picture come and take it: nobody reads before one is asked for."""
        self.ready.release()
        assert next(pictures) == 0

    def close(self, pictures):
        """Close while another picture comes: the reader notices it then, not before."""
        threading.Timer(0.05, self.ready.release, [3]).start()
        pictures.close()

    def release(self, count):
        """Let so many pictures come, and wait until they have."""
        wanted = self.given + count
        for _ in range(count):
            self.ready.release()
        end = time.monotonic() + 5
        while self.given < wanted and time.monotonic() < end:
            time.sleep(0.001)
        # The last one is put down just after it was counted.
        time.sleep(0.05)


def test_only_the_newest_picture_is_given():
    stream = Stream()
    pictures = newest(stream)
    stream.begin(pictures)
    stream.release(4)
    assert next(pictures) == 4
    stream.release(1)
    assert next(pictures) == 5
    stream.close(pictures)


def test_it_waits_for_a_new_picture():
    stream = Stream()
    pictures = newest(stream)
    stream.begin(pictures)
    threading.Timer(0.2, stream.ready.release).start()
    start = time.monotonic()
    assert next(pictures) == 1
    assert time.monotonic() - start > 0.1
    stream.close(pictures)


def test_the_end_of_the_stream_is_the_end():
    stream = Stream(count=2)
    stream.ready.release(2)
    # The last picture is always seen, whatever came before it.
    assert list(newest(stream))[-1] == 1


def test_the_stream_is_closed_when_nobody_wants_more():
    stream = Stream()
    pictures = newest(stream)
    stream.begin(pictures)
    assert not stream.closed.is_set()
    stream.close(pictures)
    assert stream.closed.wait(2)


def test_an_error_of_the_stream_reaches_who_asks():
    def broken():
        yield 0
        raise SourceError("camera 0: gone")

    with pytest.raises(SourceError, match="gone"):
        list(newest(broken))


def test_a_camera_that_is_not_there(tmp_path, monkeypatch):
    pytest.importorskip("av", reason="needs PyAV: pip install 'edgedet[video]'")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match="camera 97: expected a video that can be opened"):
        open_source("97")


def test_without_pyav_the_cure_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match="camera 0: videos and cameras need PyAV"):
        open_source("0")


def test_a_folder_may_have_a_number_for_a_name(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    (tmp_path / "0").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "0" / "a.png")
    assert [frame.name for frame in open_source("0")] == ["a"]
