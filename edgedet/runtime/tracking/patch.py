"""Patches: what a detected object looks like, in very few pixels."""

import numpy as np

# Pixels of the frame that are looked at for each pixel of a patch, along each axis.
SAMPLES = 2
# Contrast, in grey levels, below which a patch counts as plain.
PLAIN = 8.0


def patches(frame: np.ndarray, boxes: np.ndarray, side: int) -> np.ndarray:
    """Return each object's picture, whatever the light, float32 `[D, side * side * 3]`.

    Less its mean and in units of its contrast, so colours stay and brightness does not.

    Args:
        frame: uint8 `[H, W, 3]`, or with one band.
        boxes: `[D, 4]` xyxy, pixels of the frame; beyond its border, the border goes on.
        side: Pixels along each axis of a patch.
    """
    shares = (np.arange(SAMPLES * side) + 0.5) / (SAMPLES * side)
    boxes = np.asarray(boxes, "float64")[:, :, None]
    columns = _places(boxes[:, 0], boxes[:, 2], shares, frame.shape[1])
    rows = _places(boxes[:, 1], boxes[:, 3], shares, frame.shape[0])
    pixels = frame[rows[:, :, None], columns[:, None, :]].astype("float32")
    pixels = np.broadcast_to(pixels, (*pixels.shape[:3], 3))
    pixels = pixels.reshape(len(boxes), side, SAMPLES, side, SAMPLES, 3).mean(axis=(2, 4))
    pixels = pixels.reshape(len(boxes), side * side * 3)
    contrast = pixels.std(axis=1, keepdims=True) + np.float32(PLAIN)
    return (pixels - pixels.mean(axis=1, keepdims=True)) / contrast


def _places(first, last, shares, side):
    return np.clip(first + shares * (last - first), 0, side - 1).astype(int)
