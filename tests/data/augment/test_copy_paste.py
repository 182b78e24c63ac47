import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet.data.augment.copy_paste import AROUND, LARGEST, paste
from edgedet.data.augment.view import map_boxes
from edgedet.settings import Zoom

INPUT = (128, 160)


def pasted(zoom, box, draws=(0.5, 0.5, 0.5), size=(480, 640)):
    """Return the object's box in the input, its window as xyxy and its fade."""
    arguments = tf.constant([[size]]), tf.constant([[box]], tf.float32)
    view, (low, high), fade = paste(zoom, *arguments, INPUT, tf.constant([[draws]], tf.float32))
    shown = map_boxes(tf.constant([[[box]]], tf.float32), *view)[0, 0, 0]
    window = np.concatenate([low[0, 0].numpy()[::-1], high[0, 0].numpy()[::-1]])
    return shown.numpy(), window, float(fade[0, 0])


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.999])
def test_a_copy_gets_a_size_of_the_range(draw):
    zoom = Zoom(smallest=10.0, largest=40.0)
    box, _, _ = pasted(zoom, [100, 100, 150, 150], (draw, 0.3, 0.7))
    # Evenly over the octaves, to a pixel: the window has whole ones.
    assert box[2] - box[0] == pytest.approx(10 * 4**draw, abs=0.5)


share = st.floats(0, 1, exclude_max=True, width=32)


place = st.tuples(st.floats(0, 600), st.floats(0, 440))
sides = st.tuples(st.floats(2, 400), st.floats(2, 400))


@given(place, sides, st.tuples(share, share, share))
@settings(max_examples=80, deadline=None)
def test_a_copy_lies_whole_in_its_window_and_the_window_in_the_input(corner, sides, draws):
    object_box = [*corner, corner[0] + sides[0], corner[1] + sides[1]]
    box, window, fade = pasted(Zoom(), object_box, draws)
    assert (window[:2] >= 0).all() and (window[2:] <= INPUT[::-1]).all()
    sides = window[2:] - window[:2]
    assert sides.max() <= LARGEST * min(INPUT) + 1 and sides.min() >= 1
    # What is around it is `AROUND` of its own sides, on each side, and what fades in with it.
    around = AROUND / (1 + 2 * AROUND) * sides
    np.testing.assert_allclose(box[:2], window[:2] + around, atol=1e-2)
    np.testing.assert_allclose(box[2:], window[2:] - around, atol=1e-2)
    assert fade <= around.min() + 1e-4
