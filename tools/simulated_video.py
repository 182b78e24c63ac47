"""Videos made of still training images, to choose on what the videos for evaluation must not tell.

A background with its annotated objects, and in front of it an annotated object of another image
that moves and rests; or a camera that pans and zooms. Then the light, the sensor's noise, and the
compression of the frames.
"""

from __future__ import annotations

import dataclasses
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from edgedet.images import encode_jpeg, read

# (height, width) of the frames.
SIZE = (240, 320)
# Of an object, the share that is cut out around it.
MARGIN = 0.3
# Least height of the largest object of an image, in pixels: smaller ones are blurred when enlarged.
TALL = 60
# Images that gates are compared on, and that nothing learns from.
HELD_OUT = 64


@dataclasses.dataclass(frozen=True)
class Film:
    """What happens in a video.

    Attributes:
        frames: Length.
        side: Least and greatest height of the moving object, as a share of the frame's; `None`
            for none.
        speed: Its way in one frame while it moves, in pixels, at most.
        resting: Share of the time that it rests.
        reach: How far it strays from its middle, as a share of the frame.
        pan: Way of the camera in one frame, in pixels.
        noise: Standard deviation of the sensor's noise, in grey levels.
        light: Greatest change of brightness, as a share.
        flicker: Greatest change from one frame to the next, as a share: lamps on the mains.
        sway: Greatest shift of what the wind moves, in pixels; a part of the background.
        exposure: Of the sensor; 1 leaves pictures as bright as they are.
        quality: Of the JPEG compression; `None` for none.
        codec: Of the video before that, `None` for none. It forgets faint changes, and brings
            them back all at once.
        bit_rate: Of the video, in bits per second at 25 frames.
    """

    frames: int = 60
    side: tuple[float, float] | None = None
    speed: float = 3.0
    resting: float = 0.0
    reach: float = 0.4
    pan: float = 0.0
    noise: float = 2.0
    light: float = 0.03
    flicker: float = 0.0
    sway: float = 0.0
    exposure: float = 1.0
    quality: int | None = 90
    codec: str | None = None
    bit_rate: int = 500_000


FILMS = {
    "still": Film(),
    "still, noisy": Film(noise=8.0, quality=None),
    "still, light": Film(light=0.3),
    "walk": Film(side=(0.15, 0.4)),
    "walk and rest": Film(side=(0.15, 0.4), resting=0.7),
    "far": Film(side=(0.1, 0.15), speed=1.5, resting=0.3, codec="mpeg4"),
    "slow": Film(side=(0.15, 0.5), speed=0.4),
    "talk": Film(side=(0.4, 0.7), speed=1.5, resting=0.4, reach=0.05),
    "dim": Film(side=(0.15, 0.4), resting=0.3, exposure=0.25, codec="mpeg4"),
    "pan": Film(pan=2.0),
    "still, mpeg4": Film(codec="mpeg4"),
    "still, poor": Film(noise=4.0, codec="mpeg4", bit_rate=200_000),
    "still, x264": Film(noise=4.0, codec="libx264", bit_rate=300_000),
    "walk, mpeg4": Film(side=(0.15, 0.4), resting=0.3, codec="mpeg4"),
    "talk, x264": Film(
        side=(0.4, 0.7), speed=1.5, resting=0.4, reach=0.05, noise=4.0, codec="libx264"
    ),
    "still, flicker": Film(flicker=0.1),
    "still, sway": Film(sway=2.0),
    "walk, sway": Film(side=(0.15, 0.4), resting=0.3, sway=2.0, flicker=0.03),
}


@dataclasses.dataclass(frozen=True)
class Objects:
    """The annotated objects of a frame, as metrics take them."""

    boxes: np.ndarray
    labels: np.ndarray
    ignored: np.ndarray


def subjects(dataset) -> tuple[list, list]:
    """Return the records of a data set that videos can be made of: to compare on, to learn from."""
    records = [
        record
        for record in dataset.records
        if (record.boxes[:, 3] - record.boxes[:, 1]).max(initial=0) > TALL
        and not record.ignored.any()
    ]
    order = np.random.default_rng(1).permutation(len(records))
    shuffled = [records[place] for place in order]
    return shuffled[:HELD_OUT], shuffled[HELD_OUT:]


def simulate(film: Film, background, sprite, seed: int):
    """Return each frame, uint8 `[H, W, 3]`, and its `Objects`.

    Args:
        film: What happens.
        background: A record whose image fills the frame.
        sprite: A record, of whose objects the largest moves in front of it.
        seed: The same seed gives the same video.
    """
    frames, _, objects = zip(*_filmed(film, background, sprite, seed), strict=True)
    return list(zip(_recorded(frames, film), objects, strict=True))


def simulate_with_scene(film: Film, background, sprite, seed: int):
    """Return each frame as `simulate` does, and what is truly there, uint8 `[H, W, 3]`.

    That is without noise and wind, and in a light that stays as it is.
    """
    frames, scenes, _ = zip(*_filmed(film, background, sprite, seed), strict=True)
    return list(zip(_recorded(frames, film), scenes, strict=True))


def _recorded(frames, film):
    """Return the frames after all compression."""
    if film.codec is not None:
        frames = _coded(frames, film)
    if film.quality is not None:
        frames = [read_jpeg(encode_jpeg(frame, film.quality)) for frame in frames]
    return frames


def read_jpeg(content):
    """Return the pixels of a JPEG, uint8 `[H, W, 3]`."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def _coded(frames, film):
    """Return the frames after a video codec."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="avi") as container:
        stream = container.add_stream(film.codec, rate=25)
        stream.height, stream.width = SIZE
        stream.pix_fmt, stream.bit_rate = "yuv420p", film.bit_rate
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def _filmed(film, background, sprite, seed):
    """Yield each frame as the sensor sees it, the scene itself, and its objects."""
    generator = np.random.default_rng(seed)
    wind = _Wind(film.sway, np.random.default_rng([seed, 1]))
    lamp = np.random.default_rng([seed, 2])
    scene, boxes, ignored = _scene(background, 1.25 if film.pan else 1.0)
    labels = background.labels
    moving = None if film.side is None else _cut_out(sprite, film, generator)
    places, views = _walk(film, generator), _views(film, generator, scene.size)
    phase, period = generator.uniform(0, 2 * np.pi), generator.uniform(40, 120)
    for number in range(film.frames):
        picture = scene.crop((*views[number], *(views[number] + SIZE[::-1])))
        blown = wind.blow(picture, number)
        shown = boxes - np.tile(views[number], 2)
        kept = _mostly_inside(shown)
        seen = [np.clip(shown[kept], 0, np.tile(SIZE[::-1], 2)), labels[kept], ignored[kept]]
        if moving is not None:
            _put(blown, moving, places[number], seen)
            seen = _put(picture, moving, places[number], seen)
        light = 1 + film.light * np.sin(phase + 2 * np.pi * number / period)
        light += film.flicker * lamp.uniform(-1, 1)
        frame = _as_filmed(blown, film, film.exposure * light, generator)
        bare = (np.asarray(picture, "float32") * film.exposure).astype("uint8")
        yield frame, bare, Objects(*seen)


class _Wind:
    """Shifts some columns of a picture to and fro, as branches in front of a wall."""

    def __init__(self, sway, generator):
        self._sway, self._period = sway, generator.uniform(12, 40)
        left = generator.uniform(0, 0.5) * SIZE[1]
        self._box = (int(left), 0, int(left + generator.uniform(0.2, 0.5) * SIZE[1]), SIZE[0])

    def blow(self, picture, number):
        """Return a picture as the wind moves it at a frame."""
        shift = self._sway * np.sin(2 * np.pi * number / self._period)
        moved, (left, top, right, bottom) = picture.copy(), self._box
        if self._sway:
            # Between whole pixels, too.
            part = picture.transform(
                (right - left, bottom - top),
                Image.Transform.AFFINE,
                (1, 0, left + shift, 0, 1, top),
                Image.Resampling.BILINEAR,
            )
            moved.paste(part, (left, top))
        return moved


def _scene(record, size):
    image = Image.fromarray(read(record.image)[0])
    wide, high = round(size * SIZE[1]), round(size * SIZE[0])
    scale = max(wide / image.width, high / image.height)
    image = image.resize((round(image.width * scale), round(image.height * scale)))
    return image, record.boxes * scale, record.ignored


def _cut_out(record, film, generator):
    """Return the picture of an object with a soft mask, and its box in the picture."""
    largest = np.argmax((record.boxes[:, 2:] - record.boxes[:, :2]).prod(axis=1))
    box = record.boxes[largest]
    image = Image.fromarray(read(record.image)[0])
    margin = MARGIN * (box[2:] - box[:2])
    outer = np.array([*np.maximum(box[:2] - margin, 0), *(box[2:] + margin)])
    outer[2:] = np.minimum(outer[2:], image.size)
    scale = generator.uniform(*film.side) * SIZE[0] / (box[3] - box[1])
    size = np.maximum(np.round((outer[2:] - outer[:2]) * scale), 4).astype(int)
    picture = image.crop(tuple(np.round(outer).astype(int))).resize(tuple(size))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((2, 2, size[0] - 3, size[1] - 3), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(2))
    return picture, mask, (box - np.tile(outer[:2], 2)) * scale, int(record.labels[largest])


def _walk(film, generator):
    """Return the middle of the object in each frame, (x, y), as shares of the frame."""
    middle = generator.uniform(0.5 - film.reach / 2, 0.5 + film.reach / 2, 2)
    place, velocity, places = middle.copy(), np.zeros(2), []
    for number in range(film.frames):
        if number % 15 == 0:
            angle = generator.uniform(0, 2 * np.pi)
            rests = generator.uniform() < film.resting
            step = 0 if rests else film.speed * generator.uniform(0.3, 1)
            velocity = step * np.array([np.cos(angle), np.sin(angle)]) / SIZE[::-1]
        velocity = np.where(np.abs(place + velocity - middle) > film.reach, -velocity, velocity)
        place = place + velocity
        places.append(place)
    return places


def _views(film, generator, size):
    """Return the top left corner of the view in each frame, (x, y)."""
    room = np.array(size) - SIZE[::-1]
    place, velocity = room / 2, film.pan * generator.choice([-1, 1], 2)
    views = []
    for _ in range(film.frames):
        velocity = np.where((place + velocity < 0) | (place + velocity > room), -velocity, velocity)
        place = np.clip(place + velocity, 0, room)
        views.append(np.round(place).astype(int))
    return views


def _mostly_inside(boxes):
    clipped = np.clip(boxes, 0, np.tile(SIZE[::-1], 2))
    area, inside = ((b[:, 2:] - b[:, :2]).prod(axis=1) for b in (boxes, clipped))
    return inside > 0.5 * area


def _put(picture, moving, place, seen):
    """Paste the object, and return what is seen with it in front."""
    cut, mask, box, label = moving
    corner = np.round(place * SIZE[::-1] - np.array(cut.size) / 2).astype(int)
    picture.paste(cut, tuple(corner), mask)
    boxes, labels, ignored = seen
    # Who stands behind it may be found or not.
    outer = np.array([*corner, *(corner + cut.size)])
    behind = (boxes[:, :2] < outer[2:]).all(axis=1) & (boxes[:, 2:] > outer[:2]).all(axis=1)
    placed = np.clip(box + np.tile(corner, 2), 0, np.tile(SIZE[::-1], 2))
    return [
        np.vstack([boxes, placed]).astype("float32"),
        np.append(labels, label).astype("int32"),
        np.append(ignored | behind, False),
    ]


def _as_filmed(picture, film, light, generator):
    pixels = np.asarray(picture, "float32") * light
    pixels += generator.normal(0, film.noise, pixels.shape)
    return np.clip(np.rint(pixels), 0, 255).astype("uint8")
