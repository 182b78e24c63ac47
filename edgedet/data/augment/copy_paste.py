"""Copy-paste: objects of other images are laid onto this one, with a little of what is around.

Ghiasi et al. 2021, https://arxiv.org/abs/2012.07177, here for boxes, whose outlines nobody knows.
The seam must be soft, or it is what is learned: Dwibedi et al. 2017,
https://arxiv.org/abs/1708.01642.
"""

import tensorflow as tf

from edgedet.data.augment.zoom import object_scale

# At most so many objects are pasted onto a sample.
COPIES = 3
# What is shown around an object on each side, of its own side; over so much it fades in.
AROUND = 0.2
# A copy takes no more of the input's shorter side.
LARGEST = 0.5
# Random numbers that a copy is drawn from.
DRAWS = 3


def paste(zoom, source_size, box, input_size, draws):
    """Return where copies of objects are laid.

    Args:
        zoom: The sizes that objects get, `edgedet.settings.Zoom`.
        source_size: int32 `[B, COPIES, 2]`.
        box: float32 `[B, COPIES, 4]` xyxy, source pixels: the object that is copied.
        input_size: (height, width).
        draws: float32 `[B, COPIES, DRAWS]` in [0, 1).

    Returns:
        View (scale, offset), float32 `[B, COPIES, 2]` each; window (low, high), int32 like them;
        fade, float32 `[B, COPIES]`.
    """
    target, source = tf.constant(input_size, tf.float32), tf.cast(source_size, tf.float32)
    fit = tf.reduce_min(target / source, axis=-1)
    first, last = box[..., 1::-1], box[..., :1:-1]
    sides = tf.maximum(last - first, 1.0)
    first, sides = first - AROUND * sides, (1 + 2 * AROUND) * sides
    most = LARGEST * min(input_size) / tf.reduce_max(sides, axis=-1)
    scale = tf.minimum(object_scale(zoom, box, fit, draws[..., 0]), most)[..., None]
    extent = tf.maximum(tf.round(sides * scale), 1.0)
    low = tf.floor(draws[..., 1:] * (target - extent + 1.0))
    window = tf.cast(low, tf.int32), tf.cast(low + extent, tf.int32)
    # The outermost of the context is hardly seen, so the object itself is whole.
    fade = tf.reduce_min(extent, axis=-1) * AROUND / (1 + 2 * AROUND)
    scale = extent / sides
    return (scale, low - first * scale), window, fade
