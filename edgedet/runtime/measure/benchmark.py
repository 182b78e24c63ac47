"""How long a frame takes on this device, step by step, and how much memory."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from PIL import Image

from edgedet.geometry.letterbox import Letterbox
from edgedet.images import FILTER
from edgedet.runtime.detector import STEPS, EdgeDetector

# Runs before the clock counts: caches fill and the processor leaves its idle speed.
WARM_UP = 10
PERCENTILES = {"p50": 50, "p95": 95}


def measure(detect: EdgeDetector, frame: np.ndarray, runs: int) -> dict:
    """Return `{"ms": {step: {"p50", "p95"}}, "pillow_resize_ms": {"p50", "p95"}}`.

    Pillow's plain resize of the same frame is timed between the runs: what any program must
    spend before a network of this input size, as a measure of the rest.

    Args:
        detect: The detector.
        frame: A frame as its camera gives it, see `sample_frame`.
        runs: Timed runs; more give steadier percentiles.
    """
    picture = Image.fromarray(frame if frame.dtype == np.uint8 else frame[..., 0].astype("uint8"))
    height, width = Letterbox.fit(frame.shape[:2], detect.manifest.input_size).scaled_size
    for _ in range(WARM_UP):
        detect(frame)
    times, resizes = [], []
    for _ in range(runs):
        times.append(detect.timed(frame)[1])
        start = time.perf_counter()
        picture.resize((width, height), FILTER)
        resizes.append(1e3 * (time.perf_counter() - start))
    return {
        "ms": {step: _percentiles([run[step] for run in times]) for step in STEPS},
        "pillow_resize_ms": _percentiles(resizes),
    }


def sample_frame(size: tuple[int, int], bands: int = 0) -> np.ndarray:
    """Return a frame of (height, width) `size` with soft changes and fine noise.

    A flat frame would leave postprocessing nothing to do, and tell nothing of a camera.

    Args:
        size: Of the frame.
        bands: Of a thermal camera, which gives counts, uint16 `[H, W, bands]`; 0 makes a frame
            in colours, uint8 `[H, W, 3]`.
    """
    if bands:
        grey = sample_frame(size)[..., :1].astype("uint16")
        # As 14-bit sensors have it: some hundred counts around the middle.
        return np.concatenate([8000 + (1 + band) * grey for band in range(bands)], axis=-1)
    generator = np.random.default_rng(0)
    coarse = Image.fromarray(generator.integers(0, 256, (12, 16, 3), "uint8"))
    soft = np.asarray(coarse.resize((size[1], size[0]), Image.Resampling.BICUBIC), "int16")
    noise = generator.integers(-12, 13, soft.shape, "int16")
    return np.clip(soft + noise, 0, 255).astype("uint8")


def peak_rss_mb() -> float:
    """Return the largest memory that this process has held, in MB of 1,000,000 bytes."""
    try:
        # Not getrusage, which on Linux begins with the memory of the parent process.
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def device_name() -> str:
    """Return what this device is: processor, number of cores, operating system."""
    system = os.uname()
    return f"{_processor() or system.machine}, {os.cpu_count()} cores, {system.sysname}"


def _processor():
    for path, key in (("/proc/device-tree/model", None), ("/proc/cpuinfo", "model name")):
        try:
            text = Path(path).read_text(errors="replace")
        except OSError:
            continue
        if key is None:
            return text.strip("\0\n ")
        for line in text.splitlines():
            if line.startswith(key):
                return line.partition(":")[2].strip()
    return None


def _percentiles(milliseconds):
    return {
        name: round(float(np.percentile(milliseconds, share)), 4)
        for name, share in PERCENTILES.items()
    }
