"""Drawn faces: varied enough that a network must learn what a face is."""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image, ImageDraw

# Pixels of the square that a face is drawn in, before it is turned and made small.
CANVAS = 256
# Half height of the face on that canvas, from the chin to the top of the forehead.
HALF_HEIGHT = 78
# Light, tan and dark skin, from the lips' and shadows' point of view; mixed between neighbours.
SKINS = ((246, 214, 190), (224, 177, 143), (190, 134, 96), (141, 90, 61), (88, 56, 41))
HAIRS = ((28, 22, 20), (70, 44, 28), (128, 82, 42), (205, 168, 98), (150, 60, 30), (170, 168, 166))
EYES = ((62, 40, 24), (86, 120, 150), (88, 110, 66), (40, 30, 24))
# Largest turn to either side, in degrees.
MAX_TURN = 25.0
# Alpha above which a pixel of the face counts as covered.
COVERED = 128


@dataclasses.dataclass(frozen=True)
class Patch:
    """Something drawn on nothing, to be laid on a picture.

    Attributes:
        picture: RGBA.
        box: (x1, y1, x2, y2) of the face itself in the picture, without hair and hat.
        skin: Its colour, (red, green, blue) of 255.
    """

    picture: Image.Image
    box: tuple[int, int, int, int]
    skin: tuple[int, int, int]


def draw_face(generator: np.random.Generator, height: float) -> Patch:
    """Return a random face.

    Args:
        generator: Decides how it looks.
        height: From chin to forehead, in pixels, if it were not turned.
    """
    artist = _Artist(generator)
    canvas, face = artist.draw()
    lit = _shade(canvas, generator)
    angle = generator.uniform(-MAX_TURN, MAX_TURN)
    side = max(2, round(CANVAS * height / (2 * HALF_HEIGHT)))
    small = _turned(lit, angle, side)
    mask = np.asarray(_turned(face, angle, side)) > COVERED
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return Patch(small, tuple(int(edge) for edge in box), _ints(artist.skin))


def skin_colour(generator: np.random.Generator) -> np.ndarray:
    """Return a random colour of skin, float `[3]` of 255."""
    place = generator.uniform(0, len(SKINS) - 1)
    low = min(int(place), len(SKINS) - 2)
    mixed = np.array(SKINS[low]) * (low + 1 - place) + np.array(SKINS[low + 1]) * (place - low)
    return np.clip(mixed * generator.uniform(0.92, 1.06), 0, 255)


class _Artist:
    """Draws one face, part by part, from the back to the front.

    Args:
        generator: Decides how it looks.
    """

    def __init__(self, generator):
        self.random = generator
        self.skin = skin_colour(generator)
        self.hair = np.array(HAIRS[generator.integers(len(HAIRS))]) * generator.uniform(0.8, 1.2)
        self.middle = CANVAS / 2
        self.half_width = HALF_HEIGHT * generator.uniform(0.72, 0.84)
        # Where the face looks: the features move to a side and come closer there.
        self.look = generator.uniform(-0.22, 0.22) * self.half_width
        self.canvas = Image.new("RGBA", (CANVAS, CANVAS), (*_ints(self.skin), 0))
        self.pencil = ImageDraw.Draw(self.canvas)

    def draw(self):
        """Return the picture, RGBA, and the mask of the face alone, L."""
        style = self.random.integers(5)
        if style == 4:
            self._hair_behind()
        self._ears()
        face = Image.new("L", (CANVAS, CANVAS), 0)
        for pencil, ink in ((self.pencil, _ints(self.skin)), (ImageDraw.Draw(face), 255)):
            pencil.ellipse(self._oval(0, 0, self.half_width, HALF_HEIGHT), fill=ink)
        if self.random.random() < 0.2:
            self._beard()
        self._eyes()
        self._nose()
        self._mouth()
        if self.random.random() < 0.2:
            self._glasses()
        # Bald, short, side parting, hat, long.
        if style in (1, 2, 4):
            self._hair_in_front(parted=style == 2)
        if style == 3:
            self._hat()
        return self.canvas, face

    def _oval(self, x, y, half_width, half_height):
        centre_x, centre_y = self.middle + x, self.middle + y
        return (
            centre_x - half_width,
            centre_y - half_height,
            centre_x + half_width,
            centre_y + half_height,
        )

    def _ears(self):
        ear = _ints(self.skin * 0.86)
        for side in (-1, 1):
            self.pencil.ellipse(self._oval(side * self.half_width, 4, 9, 17), fill=ear)

    def _eyes(self):
        apart = self.half_width * self.random.uniform(0.40, 0.48)
        high = -HALF_HEIGHT * self.random.uniform(0.10, 0.20)
        wide, open_ = self.random.uniform(11, 15), self.random.uniform(4, 9)
        iris = EYES[self.random.integers(len(EYES))]
        brow, arch = _ints(self.hair * 0.7), self.random.uniform(13, 19)
        for side in (-1, 1):
            x = side * apart + self.look
            # A soft hollow, which is what is left of an eye when the face is small.
            self.pencil.ellipse(self._oval(x, high - 2, wide + 6, 15), fill=_ints(self.skin * 0.84))
            self.pencil.ellipse(self._oval(x, high, wide, open_), fill=(238, 234, 228))
            pupil = min(open_ + 1, 7.5)
            self.pencil.ellipse(self._oval(x + self.look / 4, high, pupil, pupil), fill=iris)
            self.pencil.ellipse(self._oval(x + self.look / 4, high, 3, 3), fill=(12, 10, 10))
            arc = self._oval(x, high - arch + 8, wide + 5, 13)
            self.pencil.arc(arc, 200, 340, fill=brow, width=int(self.random.integers(4, 8)))

    def _nose(self):
        long = HALF_HEIGHT * self.random.uniform(0.20, 0.28)
        x, shadow = self.look * 1.2, _ints(self.skin * 0.74)
        side = 1 if self.random.random() < 0.5 else -1
        bridge = [(x, -8), (x + side * 9, long - 6), (x, long)]
        corners = [(self.middle + a, self.middle + b) for a, b in bridge]
        self.pencil.line(corners, fill=shadow, width=4, joint="curve")
        for nostril in (-1, 1):
            self.pencil.ellipse(self._oval(x + nostril * 7, long, 4, 2.5), fill=shadow)

    def _mouth(self):
        low = HALF_HEIGHT * self.random.uniform(0.46, 0.56)
        wide = self.half_width * self.random.uniform(0.32, 0.50)
        lips = _ints(self.skin * 0.55 + np.array([150, 40, 50]) * 0.38)
        mood = self.random.random()
        if mood < 0.35:
            height = self.random.uniform(8, 14)
            self.pencil.chord(self._oval(self.look, low - 4, wide, height), 0, 180, fill=lips)
            teeth = self._oval(self.look, low - 3, wide * 0.8, height * 0.45)
            self.pencil.chord(teeth, 0, 180, fill=(240, 236, 228))
        elif mood < 0.85:
            self.pencil.arc(self._oval(self.look, low - 8, wide, 14), 15, 165, fill=lips, width=6)
        else:
            self.pencil.ellipse(
                self._oval(self.look, low, wide * 0.5, self.random.uniform(6, 12)),
                fill=(70, 24, 26),
                outline=lips,
                width=4,
            )

    def _beard(self):
        shade = _ints(self.skin * 0.35 + self.hair * 0.6)
        oval = self._oval(0, 0, self.half_width, HALF_HEIGHT)
        self.pencil.chord(oval, 18, 162, fill=shade)
        self.pencil.ellipse(
            self._oval(self.look, HALF_HEIGHT * 0.42, self.half_width * 0.62, 24),
            fill=_ints(self.skin),
        )

    def _glasses(self):
        dark = self.random.random() < 0.35
        ink = (24, 24, 28) if dark else _ints(self.random.uniform(20, 110, 3))
        apart, high = self.half_width * 0.45, -HALF_HEIGHT * 0.14
        for side in (-1, 1):
            ring = self._oval(side * apart + self.look, high, 22, 18)
            self.pencil.ellipse(ring, outline=ink, width=4, fill=ink if dark else None)
        y = self.middle + high
        self.pencil.line(
            (self.middle + self.look - 10, y, self.middle + self.look + 10, y), fill=ink, width=4
        )

    def _hair_behind(self):
        long = self.random.uniform(0.6, 1.3) * HALF_HEIGHT
        oval = self._oval(0, long - HALF_HEIGHT, self.half_width + 18, long + 18)
        self.pencil.ellipse(oval, fill=_ints(self.hair * 0.85))

    def _hair_in_front(self, parted):
        oval = self._oval(0, 0, self.half_width + 6, HALF_HEIGHT + 8)
        tilt = self.random.uniform(8, 22) * self.random.choice((-1, 1)) if parted else 0.0
        low = self.random.uniform(212, 222)
        self.pencil.chord(oval, low + tilt, 540 - low + tilt, fill=_ints(self.hair))

    def _hat(self):
        colour = self.random.uniform(20, 230, 3)
        oval = self._oval(0, -6, self.half_width + 9, HALF_HEIGHT + 14)
        self.pencil.chord(oval, 212, 328, fill=_ints(colour))
        y = self.middle - HALF_HEIGHT * 0.60
        brim = (self.middle - self.half_width - 8, y, self.middle + self.half_width + 8, y + 9)
        self.pencil.rectangle(brim, fill=_ints(colour * 0.7))


def _shade(canvas, generator):
    """Return the picture lit from a side, with cheeks rounder than a disc."""
    pixels = np.array(canvas, "float32")
    columns = np.linspace(-1, 1, CANVAS, dtype="float32")
    rows = columns[:, None]
    angle = generator.uniform(0, 2 * np.pi)
    slope = generator.uniform(0.0, 0.45)
    light = 1.0 + slope * (np.cos(angle) * columns + np.sin(angle) * rows)
    round_ = 1.0 - 0.30 * np.clip((columns**2 + rows**2) / 0.45, 0, 1.4)
    pixels[..., :3] *= (light * round_ * generator.uniform(0.95, 1.15))[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"), "RGBA")


def _turned(picture, angle, side):
    turned = picture.rotate(angle, Image.Resampling.BILINEAR)
    return turned.resize((side, side), Image.Resampling.BICUBIC)


def _ints(colour):
    return tuple(int(value) for value in np.clip(colour, 0, 255))
