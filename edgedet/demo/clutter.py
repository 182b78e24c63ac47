"""Clutter: textured backgrounds, and things on them that are not faces but resemble them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from edgedet.demo.faces import skin_colour

# Cells along the longer side of each octave of a background's texture, and its strength.
OCTAVES = ((2, 60.0), (5, 34.0), (13, 22.0), (37, 14.0), (90, 9.0))


def draw_background(generator: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Return a textured picture of (width, height) `size`, RGB."""
    width, height = size
    longer = max(size)
    colourful = generator.uniform(0.05, 0.5)
    base = generator.uniform(60, 195) + colourful * generator.uniform(-100, 100, 3)
    pixels = np.broadcast_to(base, (height, width, 3)).astype("float32")
    for cells, strength in OCTAVES:
        shape = (-(-cells * height // longer) + 1, -(-cells * width // longer) + 1)
        grey, colour = generator.normal(size=(*shape, 1)), generator.normal(size=(*shape, 3))
        field = (grey * (1 - colourful) + colour * colourful) * strength
        pixels += enlarged(field * generator.uniform(0.2, 1.0), size)
    return Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))


def enlarged(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return `field`, `[h, w, 3]`, smoothly enlarged to (width, height) `size`, float32."""
    bands = [Image.fromarray(field[..., band].astype("float32")) for band in range(3)]
    resized = [np.asarray(band.resize(size, Image.Resampling.BICUBIC)) for band in bands]
    return np.stack(resized, axis=-1)


def draw_pattern(generator: np.random.Generator, picture: Image.Image, scale: float) -> None:
    """Draw stripes, tiles or a window's bars on a random rectangle of `picture`."""
    pencil = ImageDraw.Draw(picture, "RGBA")
    width, height = picture.size
    x, y = generator.uniform(-0.1, 0.8, 2) * (width, height)
    wide, high = generator.uniform(0.25, 0.7, 2) * (width, height)
    step = generator.uniform(4, 14) * scale
    ink = (*_colour(generator), int(generator.uniform(70, 220)))
    across, along = generator.random(2) < (0.7, 0.6)
    for place in np.arange(0, high, step) if across else ():
        pencil.rectangle((x, y + place, x + wide, y + place + step * 0.45), fill=ink)
    for place in np.arange(0, wide, step) if along or not across else ():
        pencil.rectangle((x + place, y, x + place + step * 0.45, y + high), fill=ink)


def draw_distractor(generator: np.random.Generator, picture: Image.Image, scale: float) -> None:
    """Draw one thing on `picture` that has something of a face but is none.

    Args:
        generator: Decides what it is, how large and where.
        picture: RGB; it is drawn on.
        scale: Pixels of the picture per pixel of the scene.
    """
    size = float(np.exp(generator.uniform(np.log(8), np.log(60)))) * scale
    centre = generator.uniform(0, 1, 2) * picture.size
    kinds = (_ball, _bare_oval, _clock, _button, _two_dots, _polygon, _blades)
    kinds[generator.integers(len(kinds))](generator, ImageDraw.Draw(picture), centre, size / 2)


def draw_shoulders(
    generator: np.random.Generator, picture: Image.Image, box: tuple[float, ...], skin
) -> None:
    """Draw neck and shoulders under the face in `box`, as a face seldom comes alone."""
    pencil = ImageDraw.Draw(picture)
    x1, y1, x2, y2 = box
    middle, wide, high = (x1 + x2) / 2, x2 - x1, y2 - y1
    neck, spread = wide * 0.27, wide * generator.uniform(0.95, 1.4)
    shaded = _ints(np.array(skin) * 0.75)
    throat = (middle - neck, y2 - 0.2 * high, middle + neck, y2 + 0.35 * high)
    pencil.rectangle(throat, fill=shaded)
    top = y2 + generator.uniform(0.08, 0.2) * high
    body = (middle - spread, top, middle + spread, top + 2.6 * high)
    pencil.rounded_rectangle(body, radius=spread * 0.5, fill=_colour(generator))


def draw_occluder(
    generator: np.random.Generator, picture: Image.Image, box: tuple[float, ...]
) -> None:
    """Cover up to a third of the face in `box` from one side, as a hand or a newspaper does."""
    x1, y1, x2, y2 = box
    wide, high = x2 - x1, y2 - y1
    share = generator.uniform(0.12, 0.32)
    side = generator.integers(3)
    covers = (
        (x1 - wide * 0.15, y1 - high * 0.1, x1 + wide * share, y2 + high * 0.1),
        (x2 - wide * share, y1 - high * 0.1, x2 + wide * 0.15, y2 + high * 0.1),
        (x1 - wide * 0.15, y2 - high * share, x2 + wide * 0.15, y2 + high * 0.3),
    )
    ImageDraw.Draw(picture).rounded_rectangle(
        covers[side], radius=wide * generator.uniform(0.0, 0.3), fill=_colour(generator)
    )


def _ball(generator, pencil, centre, radius):
    colour = np.array(_colour(generator), "float32")
    # Lit from above: rings of growing brightness.
    for share in np.linspace(1, 0.1, 8):
        lit = _ints(colour * (1.25 - 0.5 * share))
        shifted = centre - np.array([0.25, 0.3]) * radius * (1 - share)
        pencil.ellipse(_square(shifted, radius * share), fill=lit)


def _bare_oval(generator, pencil, centre, radius):
    """Draw the back of a head, an elbow, an egg: the colour of skin and no features."""
    x, y = centre
    wide = radius * generator.uniform(0.7, 1.0)
    skin = skin_colour(generator)
    pencil.ellipse((x - wide, y - radius, x + wide, y + radius), fill=_ints(skin))
    if generator.random() < 0.5:
        oval = (x - wide * 1.05, y - radius * 1.05, x + wide * 1.05, y + radius)
        hair = _ints(generator.uniform(20, 120) * np.array([1.0, 0.8, 0.65]))
        pencil.chord(oval, 170, 370, fill=hair)


def _clock(generator, pencil, centre, radius):
    light, dark = _ints(generator.uniform(180, 250, 3)), _ints(generator.uniform(0, 90, 3))
    pencil.ellipse(_square(centre, radius), fill=light, outline=dark, width=_line(radius))
    for angle in generator.uniform(0, 2 * np.pi, 2):
        tip = centre + 0.75 * radius * np.array([np.cos(angle), np.sin(angle)])
        pencil.line((*centre, *tip), fill=dark, width=_line(radius))


def _button(generator, pencil, centre, radius):
    colour = np.array(_colour(generator))
    pencil.ellipse(_square(centre, radius), fill=_ints(colour))
    for x in (-0.3, 0.3):
        for y in (-0.3, 0.3):
            hole = centre + radius * np.array([x, y])
            pencil.ellipse(_square(hole, radius * 0.14), fill=_ints(colour * 0.4))


def _two_dots(generator, pencil, centre, radius):
    """Draw a socket: two dark dots in a pale square, and no mouth."""
    pencil.rectangle(_square(centre, radius), fill=_ints(generator.uniform(150, 240, 3)))
    for x in (-0.4, 0.4):
        dot = centre + radius * np.array([x, generator.uniform(-0.1, 0.1)])
        pencil.ellipse(_square(dot, radius * 0.18), fill=_ints(generator.uniform(0, 70, 3)))


def _polygon(generator, pencil, centre, radius):
    count = int(generator.integers(3, 8))
    angles = np.sort(generator.uniform(0, 2 * np.pi, count))
    reach = radius * generator.uniform(0.5, 1.4, count)
    corners = centre + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    pencil.polygon([tuple(corner) for corner in corners], fill=_colour(generator))


def _blades(generator, pencil, centre, radius):
    """Draw leaves or blades that fan out, thin and many."""
    colour = np.array(_colour(generator))
    for angle in generator.uniform(0, 2 * np.pi, 9):
        tip = centre + radius * generator.uniform(0.8, 1.6) * np.array(
            [np.cos(angle), np.sin(angle)]
        )
        ink = _ints(colour * generator.uniform(0.6, 1.3))
        pencil.line((*centre, *tip), fill=ink, width=_line(1.6 * radius))


def _colour(generator):
    return _ints(generator.uniform(15, 240, 3))


def _ints(colour):
    return tuple(int(value) for value in np.clip(colour, 0, 255))


def _line(radius):
    return max(1, round(radius * 0.1))


def _square(centre, half):
    return (*(centre - half), *(centre + half))
