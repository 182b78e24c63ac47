import os
import stat
from pathlib import Path

import pytest

from edgedet import files
from edgedet.errors import OutputError


def test_the_new_content_replaces_the_old(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    files.write_text(path, "nëw")
    assert path.read_bytes() == "nëw".encode()
    assert os.listdir(tmp_path) == ["a.txt"]


def test_missing_folders_are_made(tmp_path):
    files.write_bytes(tmp_path / "x" / "y" / "a.bin", b"1")
    assert (tmp_path / "x" / "y" / "a.bin").read_bytes() == b"1"


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.write_bytes("a.bin", b"1")
    assert (tmp_path / "a.bin").read_bytes() == b"1"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="folder: cannot be written"):
        files.write_bytes("folder", b"1")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    files.write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert os.listdir(tmp_path / "there") == ["real.txt"]


def test_a_link_to_nothing_makes_what_it_points_to(tmp_path):
    (tmp_path / "link.txt").symlink_to(tmp_path / "to-be.txt")
    files.write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "to-be.txt").read_text() == "new"


ATTEMPTS = pytest.mark.parametrize(
    "attempt", [lambda path: files.write_text(path, "new"), files.require_writable_file]
)


@ATTEMPTS
def test_links_in_a_circle_are_never_replaced(tmp_path, attempt):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match=r"loop: cannot be written \(Too many levels"):
        attempt(tmp_path / "loop")
    assert os.listdir(tmp_path) == ["loop"] and (tmp_path / "loop").is_symlink()


@ATTEMPTS
def test_a_name_that_no_file_can_have(tmp_path, attempt):
    for path in (tmp_path / ("x" * 300), tmp_path / ("x" * 300) / "a.txt"):
        with pytest.raises(OutputError, match=r"cannot be written \(File name too long"):
            attempt(path)


@ATTEMPTS
def test_messages_name_what_the_user_named(tmp_path, attempt):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    with pytest.raises(OutputError, match="link: expected the name of a file, found a device"):
        attempt(tmp_path / "link")


def test_messages_about_folders_name_what_the_user_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("link").symlink_to("file/deep/a.txt")
    message = rf"^link: expected a file that can be written, found {tmp_path}/file, which is a file"
    with pytest.raises(OutputError, match=message):
        files.require_writable_file(Path("link"))
    with pytest.raises(OutputError, match=r"^file/deep: expected a folder that can be written"):
        files.require_writable(Path("file/deep"))


def test_a_folder_below_links_in_a_circle(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    with pytest.raises(OutputError, match=r"^loop/a: cannot be written \(Too many levels.*\n\S"):
        files.require_writable(Path("loop/a"))


@ATTEMPTS
def test_a_pipe_or_device_is_never_replaced(tmp_path, attempt):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="pipe: expected the name of a file, found a device"):
        attempt(pipe)
    assert pipe.is_fifo()
    assert os.listdir(tmp_path) == ["pipe"]


@pytest.mark.parametrize("failure", [RuntimeError("stop"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_content_and_nothing_else(tmp_path, failure):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(failure)), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise failure
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_nothing_is_seen_before_the_block_ends(tmp_path):
    with files.replacing(tmp_path / "model.tflite") as temporary:
        temporary.write_bytes(b"half")
        assert not (tmp_path / "model.tflite").exists()
        # Writers that choose a format by the suffix still can.
        assert temporary.suffix == ".tflite"


def test_a_result_is_as_readable_as_any_new_file(tmp_path):
    files.write_bytes(tmp_path / "result", b"")
    (tmp_path / "plain").touch()
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("result", "plain")}
    assert len(modes) == 1


def test_a_folder_that_is_to_be_made_can_be_written(tmp_path):
    files.require_writable(tmp_path / "a" / "b")
    files.require_writable_file(tmp_path / "a" / "b" / "c.txt")
    assert os.listdir(tmp_path) == []


def test_a_file_is_no_folder_to_write_into(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "deep" / "er"):
        with pytest.raises(
            OutputError, match="expected a folder that can be written, found .*file"
        ):
            files.require_writable(path)
    with pytest.raises(OutputError, match="expected the name of a file, found a folder"):
        files.require_writable_file(tmp_path)


def test_a_full_disk_is_an_output_error(tmp_path):
    path = tmp_path / "a.txt"
    refused = pytest.raises(OutputError, match="a.txt: cannot be written .No space left")
    with refused, files.replacing(path):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_a_folder_in_the_way_is_an_output_error(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="a: cannot be written"):
        files.write_bytes(tmp_path / "a", b"")
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_in_place_of_the_folder_is_an_output_error(tmp_path):
    (tmp_path / "a").touch()
    for path in (tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"):
        with pytest.raises(OutputError, match="cannot be written"):
            files.write_bytes(path, b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        files.write_bytes(tmp_path / "a", b"")


def test_a_missing_input_is_not_blamed_on_the_output(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileNotFoundError), files.replacing(tmp_path / "out" / "a.txt"):
        (tmp_path / "in" / "missing").read_bytes()
    assert os.listdir(tmp_path / "out") == []
