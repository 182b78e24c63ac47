import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment.mosaic import MARGIN, mosaic_windows

share = st.floats(0, 1, exclude_max=True, width=32)


@given(st.integers(32, 400), st.integers(32, 400), share, share)
@settings(max_examples=50, deadline=None)
def test_four_parts_share_the_input(height, width, y, x):
    draws = tf.constant([[y, x]], tf.float32)
    low, high = mosaic_windows((height, width), tf.constant([True]), draws)
    low, high = low.numpy()[0], high.numpy()[0]
    seen = np.zeros((height, width), int)
    for (top, left), (bottom, right) in zip(low, high, strict=True):
        seen[top:bottom, left:right] += 1
    # No gap, no overlap.
    assert (seen == 1).all()
    sides = (high - low) / [height, width]
    # None smaller than the margin, but for half a pixel.
    assert sides.min() >= MARGIN - 0.5 / min(height, width)


def test_the_others_keep_one_part():
    draws = tf.constant([[0.5, 0.5]] * 2)
    low, high = mosaic_windows((64, 96), tf.constant([False, True]), draws)
    np.testing.assert_array_equal(low[0, 0], [0, 0])
    np.testing.assert_array_equal(high[0, 0], [64, 96])
    assert not ((high[0, 1:] > low[0, 1:]).numpy().all(axis=1)).any()
    np.testing.assert_array_equal(high[1, 0], [32, 48])
