import numpy as np
from PIL import Image

from edgedet.data.sequences.sprite import Sprite, cut_out


def red(side=20):
    """Return a sprite that is red all over and whose object is all of it."""
    picture = Image.new("RGBA", (side, side), (255, 0, 0, 255))
    return Sprite(picture, np.array([0.0, 0, side, side]), 3)


def drawn(sprite, box, size=(60, 80)):
    canvas = Image.new("RGB", size[::-1])
    sprite.put(canvas, np.array(box, float))
    return np.asarray(canvas)[..., 0]


def test_an_object_fills_its_box():
    pixels = drawn(red(), [10, 20, 50, 30])
    assert (pixels[20:30, 10:50] == 255).all()
    assert pixels.sum() == 255 * 10 * 40


def test_what_is_around_the_object_lies_around_the_box():
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (10, 10, 30, 30))
    pixels = drawn(Sprite(picture, np.array([10.0, 10, 30, 30]), 0), [20, 20, 60, 40])
    assert (pixels[21:39, 22:58] == 255).all()
    pixels = pixels.copy()
    pixels[19:41, 18:62] = 0
    assert not pixels.any()


def test_half_a_pixel_further_is_half_a_pixel_further():
    # A sprite that fades out on all sides, so that no edge falls between two pixels.
    way = 1 - np.abs(np.linspace(-1, 1, 40))
    picture = Image.new("RGBA", (40, 40), (255, 0, 0, 255))
    picture.putalpha(Image.fromarray((255 * np.outer(way, way)).astype("uint8")))
    sprite = Sprite(picture, np.array([0.0, 0, 40, 40]), 0)

    def middle(left):
        shares = drawn(sprite, [left, 10, left + 20, 30]).sum(axis=0) / 1.0
        return (shares * np.arange(80)).sum() / shares.sum()

    assert abs(middle(10.5) - middle(10) - 0.5) < 0.05


def test_what_lies_outside_of_the_picture_is_left_out():
    assert (drawn(red(), [-10, -10, 10, 10])[:9, :9] == 255).all()
    assert not drawn(red(), [200, 0, 220, 20]).any()


def test_a_cut_out_is_the_object_with_soft_corners(clutter):
    pixels = clutter(0, (100, 120))
    sprite = cut_out(pixels, np.array([40.0, 30, 80, 70]), 5)
    np.testing.assert_allclose(sprite.sides, [40, 40])
    assert sprite.label == 5
    left, top, right, bottom = sprite.box.astype(int)
    inner = np.asarray(sprite.picture)[top:bottom, left:right]
    np.testing.assert_array_equal(inner[10:30, 10:30, :3], pixels[40:60, 50:70])
    assert (inner[10:30, 10:30, 3] == 255).all(), "the middle hides what is behind"
    assert np.asarray(sprite.picture)[0, 0, 3] == 0, "corners show it"


def test_a_resized_sprite_has_its_object_in_the_same_place():
    sprite = Sprite(red(20).picture, np.array([5.0, 5, 15, 15]), 0).resized(2.0)
    np.testing.assert_allclose(sprite.box, [10, 10, 30, 30])
    assert sprite.picture.size == (40, 40)
