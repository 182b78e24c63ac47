"""Mosaic: four images side by side around a random centre.

Bochkovskiy et al. 2020, YOLOv4, https://arxiv.org/abs/2004.10934. Each part has a view of its own,
drawn for its size, so objects keep the sizes that are asked for.
"""

import tensorflow as tf

PARTS = 4
# Each part fills its window along one side at least; smaller, most of the input would be empty.
LEAST = 1.0
# The centre keeps this share of each side away from the border: smaller parts show too little.
MARGIN = 0.3


def mosaic_windows(input_size, chosen, draws):
    """Return the four parts of each input, (low, high), int32 `[B, 4, 2]` each, as (y, x).

    They share the input without gap or overlap. A sample that is not chosen has one part, all of
    the input; its others are empty.

    Args:
        input_size: (height, width).
        chosen: bool `[B]`.
        draws: float32 `[B, 2]` in [0, 1), where the centre lies.
    """
    end = tf.broadcast_to(tf.constant(input_size), tf.shape(draws))
    share = MARGIN + (1 - 2 * MARGIN) * draws
    centre = tf.cast(tf.round(share * tf.cast(end, tf.float32)), tf.int32)
    centre = tf.where(chosen[:, None], centre, end)
    # Row by row: which corners of the parts lie at the centre.
    right, down = tf.constant([0, 1, 0, 1]), tf.constant([0, 0, 1, 1])
    second = tf.stack([down, right], axis=-1) > 0
    low = tf.where(second, centre[:, None], 0)
    return low, tf.where(second, end[:, None], centre[:, None])
