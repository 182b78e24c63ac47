import subprocess
import sys

import numpy as np
import pytest

from edgedet.manifest import Level, Manifest
from edgedet.runtime import EdgeDetector
from edgedet.runtime.detector import STEPS
from edgedet.runtime.measure import benchmark
from edgedet.thermal import Normalization


def test_every_step_has_its_percentiles(tiny):
    facts = benchmark.measure(EdgeDetector.load(tiny), benchmark.sample_frame((48, 64)), runs=5)
    assert tuple(facts["ms"]) == STEPS
    for times in (*facts["ms"].values(), facts["pillow_resize_ms"]):
        assert 0 < times["p50"] <= times["p95"]


def test_the_sample_frame_is_a_frame_and_always_the_same():
    frame = benchmark.sample_frame((48, 64))
    assert frame.shape == (48, 64, 3)
    assert frame.dtype == np.uint8
    np.testing.assert_array_equal(frame, benchmark.sample_frame((48, 64)))


@pytest.mark.parametrize("bands", [1, 2, 5])
def test_thermal_cameras_give_counts_of_all_their_bands(bands):
    frame = benchmark.sample_frame((48, 64), bands)
    assert (frame.shape, frame.dtype) == ((48, 64, bands), np.uint16)
    assert len(np.unique(frame[..., 0])) > 100
    manifest = Manifest(
        "nightvision", (32, 32), ("a",), (Level.of_stride(8),), bands=bands, thermal=Normalization()
    )

    def engine(images):
        assert images.shape[-1] == bands
        return {name: np.zeros((1, 4, 4, 1 + 3 * ("box" in name))) for name in manifest.tensors}

    facts = benchmark.measure(EdgeDetector(engine, manifest), frame, runs=2)
    assert tuple(facts["ms"]) == STEPS


def test_memory_is_that_of_this_process_and_of_no_parent():
    program = """
import numpy as np
from edgedet.runtime.measure.benchmark import peak_rss_mb
before = peak_rss_mb()
ballast = np.ones(8_000_000)
del ballast
print(before, peak_rss_mb())
"""
    # Its parent holds far more than a process with NumPy and Pillow.
    ballast = np.ones(40_000_000)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert len(ballast) and done.returncode == 0, done.stderr
    before, after = map(float, done.stdout.split())
    assert 10 < before < 200
    # 8 million numbers of 8 bytes, some of which fit into what was free.
    assert 50 < after - before < 70


def test_the_device_is_named():
    assert "core" in benchmark.device_name()
