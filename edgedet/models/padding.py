"""Padding: networks for input sizes that their coarsest stride does not divide."""

from __future__ import annotations

from keras import layers


def padded(images, multiple):
    """Return images whose sides are multiples of `multiple`: black is added below and right.

    Cells stay where they are, so boxes need no correction.

    Args:
        images: `[B, h, w, C]` Keras tensor.
        multiple: In pixels.
    """
    missing = [(0, -side % multiple) for side in images.shape[1:3]]
    if missing == [(0, 0), (0, 0)]:
        return images
    return layers.ZeroPadding2D(missing, name="padded")(images)


def cropped(output, size):
    """Return the first (height, width) `size` cells of an output; the rest saw padding alone.

    Args:
        output: `[B, H, W, k]` Keras tensor.
        size: At most as large as the output.
    """
    spare = [(0, found - kept) for found, kept in zip(output.shape[1:3], size, strict=True)]
    if spare == [(0, 0), (0, 0)]:
        return output
    return layers.Cropping2D(spare)(output)
