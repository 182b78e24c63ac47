from pathlib import Path

import numpy as np
import pytest

from edgedet.runtime import EdgeDetector
from edgedet.runtime.sparse.staged import StagedNetwork

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture(scope="session", params=["int8", "float"])
def staged(request):
    """A real file with stages, 64 x 64, cells of 8 pixels; see tools/make_staged_fixture.py."""
    return FIXTURES / f"staged-{request.param}.tflite"


@pytest.fixture(scope="session")
def detect(staged):
    return EdgeDetector.load(staged)


@pytest.fixture(scope="session")
def network(detect):
    return StagedNetwork(detect.engine, detect.manifest)


@pytest.fixture(scope="session")
def inputs():
    """Return a network input without anything that repeats: `inputs(seed)`."""
    return lambda seed: np.random.default_rng(seed).integers(0, 256, (1, 64, 64, 3)).astype("uint8")


@pytest.fixture(scope="session")
def room(clutter):
    """A frame with structure everywhere, uint8 `[96, 128, 3]`, neither black nor white."""
    return (40 + clutter(0, (96, 128)) * 0.7).astype("uint8")


@pytest.fixture(scope="session")
def elsewhere():
    """Another scene, of the size of the room."""
    blocks = np.random.default_rng(3).integers(0, 256, (24, 32, 3)).astype("uint8")
    return blocks.repeat(4, axis=0).repeat(4, axis=1)
