"""Follow a looped video for many frames, and see whether memory grows.

    python tools/soak.py --model FILE.tflite --frames 10000 [FRAMES_FOLDER]

Fails where the resident memory at the end is more than 3 MB above that of frame 1,000.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from edgedet.images import read
from edgedet.runtime import EdgeDetector
from edgedet.runtime.tracking import TrackedStream

# Megabytes of growth that are none, after so many frames.
ALLOWED, WARM = 3.0, 1000
# Without a video: frames with blocks that wander.
LENGTH, SIZE, BLOCKS = 100, (240, 320), 6


def main():
    """Run, print the growth, and exit with 1 where there is too much of it."""
    args = arguments()
    frames = drawn() if args.video is None else loaded(args.video)
    stream = TrackedStream(EdgeDetector.load(args.model))
    warm = min(WARM, args.frames // 2)
    for number in range(args.frames):
        # There and back again, so that nothing jumps.
        place = number % (2 * len(frames))
        stream.timed(frames[min(place, 2 * len(frames) - 1 - place)], number)
        if number + 1 == warm:
            before = resident()
        if (number + 1) % 1000 == 0:
            print(f"frame {number + 1}: {resident():.1f} MB", flush=True)
    growth = resident() - before
    print(f"{growth:+.2f} MB from frame {warm} to {args.frames}")
    sys.exit(growth > ALLOWED)


def arguments():
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("video", type=Path, nargs="?", help="a folder of frames; drawn without")
    parser.add_argument("--model", type=Path, required=True, help="a .tflite that detects")
    parser.add_argument("--frames", type=int, default=10_000)
    return parser.parse_args()


def loaded(folder):
    """Return the frames of a folder, or of a MOT sequence."""
    inner = folder / "img1"
    folder = inner if inner.is_dir() else folder
    paths = sorted(path for path in folder.glob("*") if path.suffix in (".jpg", ".png"))
    if not paths:
        raise SystemExit(f"{folder}: expected .jpg or .png frames, found none.\nCheck the path.")
    return [read(path)[0] for path in paths]


def drawn():
    """Return frames in which blocks of noise move over noise."""
    random = np.random.default_rng(0)
    ground = random.integers(60, 120, (*SIZE, 3), "uint8")
    blocks = [random.integers(0, 256, (48, 32, 3), "uint8") for _ in range(BLOCKS)]
    starts = random.uniform((0, 0), (SIZE[0] - 48, SIZE[1] - 32), (BLOCKS, 2))
    ends = random.uniform((0, 0), (SIZE[0] - 48, SIZE[1] - 32), (BLOCKS, 2))
    frames = []
    for number in range(LENGTH):
        frame, way = ground.copy(), number / LENGTH
        for block, start, end in zip(blocks, starts, ends, strict=True):
            top, left = (start + way * (end - start)).astype(int)
            frame[top : top + 48, left : left + 32] = block
        frames.append(frame)
    return frames


def resident():
    """Return the memory that this process holds now, in megabytes."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes.split()[1]) / 1024


if __name__ == "__main__":
    main()
