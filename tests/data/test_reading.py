import numpy as np
from PIL import Image

from edgedet.data.reading import read_colour, read_grey


def test_colour_and_grey(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.array([[[255, 0, 0], [0, 255, 0], [10, 10, 10]]], "uint8")).save(path)
    np.testing.assert_array_equal(read_colour(path), [[[255, 0, 0], [0, 255, 0], [10, 10, 10]]])
    # Luma of BT.601: .299 of red, .587 of green; grey keeps its level.
    np.testing.assert_array_equal(read_grey(path), [[[76], [150], [10]]])
