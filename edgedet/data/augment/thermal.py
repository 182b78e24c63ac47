"""What sensors of heat do to their images, on a whole batch at once; boxes stay where they are."""

import tensorflow as tf

from edgedet.data.augment.draws import Draws
from edgedet.settings import ThermalAugmentation


def change_thermal(strength: ThermalAugmentation, images, draws: Draws, shown=True):
    """Return images, float32 `[B, h, w, bands]` in 0..1, as other sensors would give them.

    Args:
        strength: How strongly.
        images: float32 `[B, h, w, bands]` in 0..1.
        draws: Decides all that is random.
        shown: bool `[B, h, w, 1]`, the pixels that a sensor has seen; the others are padding,
            which the device adds behind any sensor.
    """
    if strength == ThermalAugmentation():
        return images
    padded = images
    sources = draws.split(4)
    # A change that is switched off costs nothing: it is no part of the graph.
    if strength.invert:
        images = invert(strength.invert, images, sources[0])
    if strength.drift:
        images = drift(strength.drift, images, sources[1])
    if strength.stripes:
        images = stripes(strength.stripes, images, sources[2])
    if strength.dead:
        images = dead_pixels(strength.dead, images, sources[3])
    return tf.where(shown, tf.clip_by_value(images, 0.0, 1.0), padded)


def invert(probability, images, draws):
    """Return images, a share of them with dark and bright exchanged."""
    chosen = draws.uniform(1, 1, 1) < probability
    return tf.where(chosen, 1.0 - images, images)


def drift(largest, images, draws):
    """Return images whose gain and offset change from corner to corner, as a sensor warms up."""
    gain, offset = (_between_corners(images, largest, source) for source in draws.split(2))
    return images * (1.0 + gain) + offset


def stripes(largest, images, draws):
    """Return images whose rows and columns have offsets of their own, as sensors read in lines."""
    height, width = images.shape[1:3]
    amount, down, across = draws.split(3)
    strength = tf.unstack(amount.uniform(2, 1, 1, 1, high=largest), axis=1)
    return (
        images + strength[0] * down.normal(height, 1, 1) + strength[1] * across.normal(1, width, 1)
    )


def dead_pixels(largest, images, draws):
    """Return images with pixels that are always black or always white."""
    amount, places = draws.split(2)
    share = amount.uniform(1, 1, 1, high=largest)
    place = places.uniform(*images.shape[1:3], 1)
    images = tf.where(place < share / 2, 0.0, images)
    return tf.where(place > 1.0 - share / 2, 1.0, images)


def _between_corners(images, largest, draws):
    """Return values that change evenly between random ones at the corners, `[B, h, w, 1]`."""
    height, width = images.shape[1:3]
    corners = draws.uniform(2, 2, low=-largest, high=largest)
    down, across = (tf.stack([1 - way, way]) for way in (_way(height), _way(width)))
    return tf.einsum("brc,rh,cw->bhw", corners, down, across)[..., None]


def _way(side):
    """Return how far each pixel is from the first border to the last, of 1."""
    return (tf.range(side, dtype=tf.float32) + 0.5) / side
