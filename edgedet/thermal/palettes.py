"""Palettes: how thermal cameras and their viewers colour intensity, dark end first."""

from __future__ import annotations

import functools

import numpy as np

# Evenly spaced colours, (red, green, blue) of 255; in between they are mixed.
ANCHORS = {
    # Perceptually even: equal differences look equal, also in grey and to the colour-blind.
    # Van der Walt and Smith 2015, https://bids.github.io/colormap (CC0).
    "inferno": (
        *((0, 0, 4), (11, 7, 36), (33, 12, 74), (61, 9, 101), (87, 16, 110), (113, 25, 110)),
        *((138, 34, 106), (163, 44, 97), (188, 55, 84), (208, 69, 69), (227, 89, 51)),
        *((241, 113, 31), (249, 140, 10), (252, 170, 15), (249, 201, 50), (242, 232, 101)),
        (252, 255, 164),
    ),
    # As the iron palettes of thermal cameras run; makers differ by some levels.
    "iron": (
        *((0, 0, 10), (30, 0, 110), (90, 0, 155), (145, 0, 155), (190, 20, 140), (225, 60, 60)),
        *((240, 110, 15), (250, 160, 0), (255, 205, 30), (255, 240, 120), (255, 255, 245)),
    ),
    # The rainbow of the Spectra camera application, read off its colour bar.
    "spectra": (
        *((3, 2, 6), (4, 3, 55), (3, 12, 97), (2, 46, 159), (2, 89, 224), (3, 117, 219)),
        *((3, 137, 129), (2, 157, 15), (86, 187, 5), (170, 216, 5), (241, 245, 5)),
        *((251, 190, 5), (249, 117, 5), (249, 39, 4), (250, 102, 95), (251, 183, 182)),
        (252, 252, 249),
    ),
    "jet": (
        *((0, 0, 128), (0, 0, 255), (0, 128, 255), (0, 255, 255), (128, 255, 128)),
        *((255, 255, 0), (255, 128, 0), (255, 0, 0), (128, 0, 0)),
    ),
    "hot": (
        *((0, 0, 0), (85, 0, 0), (170, 0, 0), (255, 0, 0), (255, 85, 0), (255, 170, 0)),
        *((255, 255, 0), (255, 255, 85), (255, 255, 170), (255, 255, 255)),
    ),
}


@functools.cache
def palette(name: str) -> np.ndarray:
    """Return the 256 colours of a palette of `ANCHORS`, uint8 `[256, 3]`; do not change it."""
    anchors = np.array(ANCHORS[name], "float64")
    places = np.linspace(0, len(anchors) - 1, 256)
    mixed = [np.interp(places, np.arange(len(anchors)), channel) for channel in anchors.T]
    return np.rint(np.stack(mixed, axis=-1)).astype("uint8")
