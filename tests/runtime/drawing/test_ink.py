import numpy as np
import pytest

from edgedet.runtime.drawing.ink import colour, line_width, readable_on


def test_classes_differ_in_colour():
    assert len({colour(label) for label in range(20)}) == 20


@pytest.mark.parametrize(
    ("ink", "text"),
    # Green is bright to the eye, pure blue is not: 0.587 and 0.114 of 255, against 110.
    [
        ((0, 255, 0), "black"),
        ((0, 0, 255), "white"),
        ((255, 255, 0), "black"),
        ((0, 0, 0), "white"),
    ],
)
def test_text_can_be_read(ink, text):
    assert readable_on(ink) == text


@pytest.mark.parametrize(("size", "width"), [((100, 900), 1), ((1000, 500), 2), ((2000, 3000), 8)])
def test_lines_grow_with_the_shorter_side(size, width):
    # A 250th of it, and never nothing.
    assert line_width(np.zeros((*size, 3), "uint8")) == width
