"""Tools are scripts beside the package: tests load them by their file."""

import importlib
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def load_tool(monkeypatch):
    """Return a function that imports a fresh copy of a tool by name."""
    monkeypatch.syspath_prepend(TOOLS)
    before = set(sys.modules)

    def load(name):
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if (TOOLS / f"{name}.py").is_file():
            del sys.modules[name]
