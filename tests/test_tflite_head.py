import os

import pytest

from edgedet.errors import ManifestError, ModelError
from edgedet.manifest import Manifest
from edgedet.tflite_head import require_tflite


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty one"),
        (b"TFL3", "one that begins with b'TFL3'"),
        (b"PK\x05\x06" + bytes(18), r"one that begins with b'PK\\x05\\x06"),
        (b"# a note", "one that begins with b'# a note'"),
    ],
)
def test_other_bytes_are_said(tmp_path, content, found):
    path = tmp_path / "other.tflite"
    path.write_bytes(content)
    message = rf"other\.tflite: expected a \.tflite file, found {found}.*\n.*edgedet export"
    with pytest.raises(ModelError, match=message):
        require_tflite(path, ModelError)
    # A manifest is not looked for in it.
    with pytest.raises(ManifestError, match=message):
        Manifest.read(path)


def test_a_folder_is_said(tmp_path):
    (tmp_path / "x.tflite").mkdir()
    with pytest.raises(ModelError, match=r"x\.tflite: .*found a folder.*\n\S"):
        require_tflite(tmp_path / "x.tflite", ModelError)


def test_a_pipe_is_said_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.tflite")
    with pytest.raises(ModelError, match=r"x\.tflite: .*found a device or a pipe.*\n\S"):
        require_tflite(tmp_path / "x.tflite", ModelError)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ModelError, match=r"none\.tflite: there is no such model file.*\n\S"):
        require_tflite(tmp_path / "none.tflite", ModelError)


def test_a_file_that_may_not_be_read_is_said(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "m.tflite").touch()
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(ModelError, match=r"m\.tflite: .*\(Permission denied\).*\n.*may read"):
        require_tflite(tmp_path / "m.tflite", ModelError)


def test_eight_bytes_are_enough(tmp_path):
    path = tmp_path / "m.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3")
    require_tflite(str(path), ModelError)
