import numpy as np
import pytest
from PIL import Image

from edgedet.runtime.drawing.animation import LONGEST, MILLISECONDS, MOST, Animation


def greys(path):
    with Image.open(path) as gif:
        for number in range(gif.n_frames):
            gif.seek(number)
            yield int(np.asarray(gif.convert("L")).mean()), gif.info["duration"]


def grey(level, size=(30, 40)):
    image = np.full((*size, 3), level, "uint8")
    image[0, 0] = level // 2  # Two equal pictures would become one.
    return image


def test_pictures_in_order(tmp_path):
    animation = Animation()
    for level in (40, 120, 200):
        animation.add(grey(level))
    animation.write(tmp_path / "a.gif")
    shown = list(greys(tmp_path / "a.gif"))
    assert [level for level, _ in shown] == pytest.approx([40, 120, 200], abs=2)
    assert {duration for _, duration in shown} == {MILLISECONDS}


def test_large_pictures_are_shown_small(tmp_path):
    animation = Animation()
    animation.add(grey(100, (960, 1280)))
    animation.write(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.size == (LONGEST, LONGEST * 960 // 1280)


def test_a_long_stream_is_thinned_and_lasts_as_long(tmp_path):
    animation, count = Animation(), 3 * MOST
    for number in range(count):
        animation.add(grey(number % 250, (4, 4)))
    animation.write(tmp_path / "a.gif")
    shown = list(greys(tmp_path / "a.gif"))
    assert MOST / 2 <= len(shown) <= MOST
    assert sum(duration for _, duration in shown) == pytest.approx(count * MILLISECONDS, rel=0.02)


def test_nothing_to_show_is_no_file(tmp_path):
    Animation().write(tmp_path / "a.gif")
    assert not (tmp_path / "a.gif").exists()
