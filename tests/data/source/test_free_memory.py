import math

from edgedet.data.source import free_memory as module
from edgedet.data.source.free_memory import free_memory


def test_linux_says_it_in_kilobytes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MEMINFO", tmp_path / "meminfo")
    (tmp_path / "meminfo").write_text("MemTotal:   900 kB\nMemFree:  1 kB\nMemAvailable:  500 kB\n")
    assert free_memory() == 512_000


def test_elsewhere_nobody_knows(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MEMINFO", tmp_path / "meminfo")
    assert free_memory() == math.inf
    (tmp_path / "meminfo").write_text("MemTotal: 900 kB\n")
    assert free_memory() == math.inf
