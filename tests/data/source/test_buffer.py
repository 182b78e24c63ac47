import os
import shutil
import tempfile
from collections import namedtuple

import numpy as np
import pytest

from edgedet.data.source import buffer
from edgedet.data.source.buffer import ALIGNMENT, TooLargeError, as_variable, in_memory, on_disk
from edgedet.errors import DataError


@pytest.mark.parametrize("allocate", [in_memory, on_disk])
def test_bytes_are_as_many_as_asked_and_aligned(allocate):
    for count in (1, 1000, 12345):
        found = allocate(count, "drawn")
        assert found.shape == (count,) and found.dtype == np.uint8
        assert found.ctypes.data % ALIGNMENT == 0


@pytest.mark.parametrize("allocate", [in_memory, on_disk])
def test_a_variable_shares_its_bytes(allocate):
    found = allocate(100, "drawn")
    found[:] = 7
    variable = as_variable(found)
    found[3] = 200
    assert variable[3].numpy() == 200 and variable[4].numpy() == 7


def test_half_of_the_memory_stays_free(monkeypatch):
    monkeypatch.setattr(buffer, "free_memory", lambda: 2000.0)
    in_memory(1000, "drawn")
    with pytest.raises(TooLargeError, match=r"drawn: .*1,001 bytes of pixels and 2,000 free bytes"):
        in_memory(1001, "drawn")


def test_a_disk_that_is_too_small_is_named(monkeypatch):
    usage = namedtuple("usage", "total used free")(100, 50, 50)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(DataError, match=r"drawn: expected 51 free bytes in .*\n.*TMPDIR"):
        on_disk(51, "drawn")


def test_the_file_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = on_disk(10_000, "drawn")
    found[:] = 5
    assert os.listdir(tmp_path) == []
    assert (found == 5).all()
