"""Contrast: how far pixels are from what they were, by the logarithm and in the same light.

A difference of logarithms is the same in light and in shadow; what all pixels have in common is a
lamp or the camera's exposure, and no motion.
"""

from __future__ import annotations

import numpy as np

# Grey levels that are added to each: near black, noise would be contrast.
DARK = np.float32(40)
# Grey levels that tell the light: darker ones are noise, brighter ones may be cut off.
TELLING = (20, 245)
# Of this share of the pixels, both ways, the light is found; of fewer than so many it is not.
EVERY, ENOUGH = 3, 30
# The greatest grey level there is.
WHITE = 255


def light_of(brightness: np.ndarray, reference: np.ndarray, before: float) -> float:
    """Return how much brighter all is than in the reference; as before where nothing tells.

    Args:
        brightness: `[h, w]`, grey levels.
        reference: Those that they are compared with, in a light of 1.
        before: The light of an earlier frame.
    """
    brightness, reference = (pixels[::EVERY, ::EVERY].ravel() for pixels in (brightness, reference))
    low, high = TELLING
    telling = (brightness > low) & (brightness < high) & (reference > low) & (reference < high)
    ratios = brightness[telling] / reference[telling]
    if len(ratios) < ENOUGH:
        return before
    middle = len(ratios) // 2
    return np.partition(ratios, middle)[middle]


def contrast(brightness: np.ndarray, reference: np.ndarray, light: float) -> np.ndarray:
    """Return the change of the logarithm of brightness that is not the light's, `[h, w]`."""
    change = np.log(brightness + DARK) - np.log(np.minimum(light * reference, WHITE) + DARK)
    # What was cut off may have been any brighter.
    change[(reference > TELLING[1]) & (change > 0)] = 0
    return change
