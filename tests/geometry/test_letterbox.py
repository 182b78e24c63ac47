import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedet.geometry.letterbox import Letterbox

sizes = st.tuples(st.integers(1, 6000), st.integers(1, 6000))


def test_fit_by_hand():
    # 480x640 into 128x128: a fifth, 96 rows, so 16 rows of padding above and below.
    letterbox = Letterbox.fit((480, 640), (128, 128))
    assert letterbox == Letterbox((96, 128), (16, 0), (0.2, 0.2))
    np.testing.assert_allclose(letterbox.to_input(np.array([0, 0, 640, 480.0])), [0, 16, 128, 112])
    np.testing.assert_allclose(
        letterbox.to_source(np.array([64, 64, 128, 112.0])), [320, 240, 640, 480]
    )


def test_small_images_are_enlarged():
    assert Letterbox.fit((32, 16), (128, 128)) == Letterbox((128, 64), (0, 32), (4.0, 4.0))


@pytest.mark.parametrize("source_size", [(1, 5000), (5000, 1), (1, 1), (37, 4999), (127, 129)])
@pytest.mark.parametrize("input_size", [(128, 128), (96, 320)])
def test_extreme_shapes_fit(source_size, input_size):
    letterbox = Letterbox.fit(source_size, input_size)
    for axis in range(2):
        assert 1 <= letterbox.scaled_size[axis] <= input_size[axis]
        padding = input_size[axis] - letterbox.scaled_size[axis]
        assert letterbox.offset[axis] == padding // 2
    # One axis is full, whichever it is.
    assert any(s == t for s, t in zip(letterbox.scaled_size, input_size, strict=True))
    height, width = source_size
    box = letterbox.to_input(np.array([0, 0, width, height], "float32"))
    top, left = letterbox.offset
    bottom, right = top + letterbox.scaled_size[0], left + letterbox.scaled_size[1]
    np.testing.assert_allclose(box, [left, top, right, bottom], rtol=1e-5)


@given(sizes, st.sampled_from([(128, 128), (320, 320), (256, 320)]), st.data())
def test_to_source_undoes_to_input(source_size, input_size, data):
    height, width = source_size
    x, y = (data.draw(st.floats(0, side, width=32)) for side in (width, height))
    boxes = np.array([[0, 0, x, y], [x, y, width, height]], "float32")
    letterbox = Letterbox.fit(source_size, input_size)
    back = letterbox.to_source(letterbox.to_input(boxes))
    # float32 resolves an input of 320 pixels to 3e-5 of them.
    np.testing.assert_allclose(back, boxes, atol=4e-5 / min(letterbox.scale) + 1e-6)


def test_sides_scale_without_the_offset():
    letterbox = Letterbox.fit((100, 400), (128, 128))
    # 128 / 400 = 0.32 in both directions.
    found = letterbox.sides_to_source(np.array([[0.32, 0.64, 3.2, 32]]))
    np.testing.assert_allclose(found, [[1, 2, 10, 100]], rtol=1e-6)
