"""Moving digits: handwritten ones that move, grow and hide each other on noise.

The classic check of what follows objects, after Srivastava et al. 2015,
https://arxiv.org/abs/1502.04681, with scikit-learn's real digits of 8x8 pixels.
"""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf
from PIL import Image

from edgedet.data.sequences.batching import batched
from edgedet.data.sequences.scene import Background, Film, film
from edgedet.data.sequences.sprite import Sprite
from edgedet.errors import MissingExtraError

# scikit-learn's digits have grey levels of 0 to 16.
BRIGHTEST = 16
# Digits in a film, at most, and the share of its height that they take.
MOVING, HEIGHT = 4, (0.2, 0.4)
# Side of the picture of a digit, in pixels.
SIDE = 32


def digit_sequences(
    input_size: tuple[int, int], length: int, batch_size: int, seed: int = 0
) -> tf.data.Dataset:
    """Return endless batches of moving digits on noise; see `sequences`. Labels are 0 to 9.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    _load()
    size = tuple(input_size)
    return batched(lambda number: _film(size, length, (seed, number)), size, length, batch_size)


def digit(label: int, number: int = 0) -> Sprite:
    """Return the picture of a digit, the `number`-th of its kind.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    pictures, labels = _load()
    alpha = Image.fromarray(pictures[np.flatnonzero(labels == label)[number]])
    alpha = alpha.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    picture = Image.new("RGBA", alpha.size, (255, 255, 255, 0))
    picture.putalpha(alpha)
    return Sprite(picture, np.array(alpha.getbbox(), float), label)


def noise(size, generator: np.random.Generator) -> Background:
    """Return a background of dark coarse noise, half as large again as `size`."""
    height, width = (side * 3 // 2 for side in size)
    grains = generator.integers(0, 120, (height // 8, width // 8, 3), "uint8")
    picture = Image.fromarray(grains).resize((width, height), Image.Resampling.BILINEAR)
    return Background(picture, np.zeros((0, 4)), np.zeros(0, int))


def _film(size, length, seed) -> Film:
    generator = np.random.default_rng(seed)
    _, labels = _load()
    count = generator.integers(1, MOVING + 1)
    digits = [_any(labels, size[0], generator) for _ in range(count)]
    background = noise(size, generator)
    return film(background, digits, size, length, int(generator.integers(2**32)))


def _any(labels, height, generator):
    label = int(generator.integers(10))
    sprite = digit(label, int(generator.integers((labels == label).sum())))
    sprite = sprite.resized(height * generator.uniform(*HEIGHT) / sprite.sides[1])
    colour = tuple(generator.integers(130, 256, 3).tolist())
    picture = Image.new("RGBA", sprite.picture.size, (*colour, 0))
    picture.putalpha(sprite.picture.getchannel("A"))
    return Sprite(picture, sprite.box, sprite.label)


@functools.cache
def _load():
    """Return all digits, uint8 `[N, 8, 8]` in 0..255, and what they are, `[N]`."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingExtraError(
            "Moving digits are scikit-learn's, which is not installed.\n"
            "Install it with `pip install 'edgedet[train]'`."
        ) from error
    digits = load_digits()
    return (digits.images * 255 / BRIGHTEST).astype("uint8"), digits.target
