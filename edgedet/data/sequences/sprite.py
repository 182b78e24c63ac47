"""Sprites: objects cut out of still images, to be moved in front of others."""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# What is shown around an object on each side, of its own side, fading out.
MARGIN = 0.15
# How round the corners are, and how wide the fading edge, of the shorter side.
ROUND, FADE = 0.5, 0.04


@dataclasses.dataclass(frozen=True, eq=False)
class Sprite:
    """An object with a soft outline.

    Attributes:
        picture: RGBA; how opaque a pixel is, is its fourth band.
        box: float64 `[4]` xyxy, the object in the picture; what is around it fades out.
        label: Its class, or -1 for what only stands in the way.
    """

    picture: Image.Image
    box: np.ndarray
    label: int

    @property
    def sides(self) -> np.ndarray:
        """(width, height) of the object."""
        return self.box[2:] - self.box[:2]

    def resized(self, scale: float) -> Sprite:
        """Return the sprite larger or smaller by `scale`."""
        size = [max(round(side * scale), 2) for side in self.picture.size]
        ratio = np.divide(size, self.picture.size)
        picture = self.picture.resize(size, Image.Resampling.BOX if scale < 1 else None)
        return Sprite(picture, self.box * np.tile(ratio, 2), self.label)

    def put(self, canvas: Image.Image, box: np.ndarray) -> None:
        """Paste the sprite onto a picture so that its object fills `box`, `[4]` xyxy."""
        scale = (box[2:] - box[:2]) / self.sides
        corner = box[:2] - self.box[:2] * scale
        first = np.floor(corner).astype(int)
        last = np.ceil(corner + np.array(self.picture.size) * scale).astype(int)
        low, high = np.maximum(first, 0), np.minimum(last, canvas.size)
        if (high <= low).any():
            return
        # From a pixel of the canvas to the sprite.
        (a, e), (c, f) = 1 / scale, (low - corner) / scale
        drawn = self.picture.transform(
            tuple(high - low),
            Image.Transform.AFFINE,
            (a, 0, c, 0, e, f),
            Image.Resampling.BILINEAR,
        )
        canvas.paste(drawn, tuple(low), drawn.getchannel("A"))


def cut_out(pixels: np.ndarray, box: np.ndarray, label: int) -> Sprite:
    """Return the object in a box of an image, with rounded and soft edges.

    Args:
        pixels: uint8 `[H, W, 3]`.
        box: `[4]` xyxy.
        label: Of the object.
    """
    image = Image.fromarray(pixels)
    around = MARGIN * (box[2:] - box[:2])
    outer = [*np.maximum(box[:2] - around, 0), *np.minimum(box[2:] + around, image.size)]
    outer = np.round(outer).astype(int)
    picture = image.crop(tuple(outer))
    width, height = picture.size
    soft = max(FADE * min(width, height), 1)
    mask = Image.new("L", picture.size)
    inner = (soft, soft, width - 1 - soft, height - 1 - soft)
    ImageDraw.Draw(mask).rounded_rectangle(inner, ROUND * min(width, height), fill=255)
    picture.putalpha(mask.filter(ImageFilter.GaussianBlur(soft / 2)))
    return Sprite(picture, np.asarray(box, float) - np.tile(outer[:2], 2), label)
