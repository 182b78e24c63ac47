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


class Reference:
    """What frames are compared with: samples as the network last saw them, in a light of 1.

    Args:
        samples: float32 `[h, w]`, grey levels.
    """

    def __init__(self, samples: np.ndarray):
        low, high = TELLING
        self._samples = samples
        # What was cut off may have been any brighter.
        self._most = np.full_like(samples, np.inf)
        self._most[samples > high] = 0
        places = np.arange(samples.size).reshape(samples.shape)[::EVERY, ::EVERY]
        some = samples[::EVERY, ::EVERY]
        telling = (some > low) & (some < high)
        self._places, self._telling = places[telling], some[telling]

    def light_of(self, brightness: np.ndarray, before: float) -> float:
        """Return how much brighter all is than in the reference; as before where nothing tells.

        Args:
            brightness: `[h, w]`, grey levels.
            before: The light of an earlier frame.
        """
        low, high = TELLING
        pixels = brightness.take(self._places)
        ratios = (pixels / self._telling)[(pixels > low) & (pixels < high)]
        if len(ratios) < ENOUGH:
            return before
        middle = len(ratios) // 2
        ratios.partition(middle)
        return ratios[middle]

    def contrast(self, brightness: np.ndarray, light: float) -> np.ndarray:
        """Return the change of the logarithm of brightness that is not the light's, `[h, w]`."""
        expected = np.minimum(light * self._samples, WHITE)
        # One logarithm takes half as long as two.
        change = np.log((brightness + DARK) / (expected + DARK))
        return np.minimum(change, self._most, out=change)

    def renewed(self, seen: np.ndarray, samples: np.ndarray) -> Reference:
        """Return a reference with other samples, `[h, w]`, where they were seen."""
        return Reference(np.where(seen, samples, self._samples))
