import shutil
from pathlib import Path

import pytest

from edgedet.manifest import Manifest

FIXTURE = Path(__file__).parent.parent / "fixtures" / "tiny-int8.tflite"


@pytest.fixture
def tiny():
    """A real int8 file whose answers can be worked out by hand; see tools/make_fixtures.py."""
    return FIXTURE


@pytest.fixture
def manifest():
    return Manifest.read(FIXTURE)


@pytest.fixture
def with_manifest(tmp_path):
    """Return the tiny network with another manifest."""

    def make(manifest):
        path = tmp_path / "changed.tflite"
        shutil.copy(FIXTURE, path)
        content = path.read_bytes()
        path.write_bytes(content[: content.rfind(b"PK\x03\x04")])
        manifest.append_to(path)
        return path

    return make
