"""Paths: how objects and cameras move, smooth and accelerated, with turns and rests."""

from __future__ import annotations

import dataclasses

import numpy as np

# Frames, on average, after which somebody who changes often, or seldom, moves another way.
STRETCH, ALWAYS = (8, 120), 1e6
# Least and greatest speed of who moves, in sizes a frame.
SPEED = (0.004, 0.12)
# How near the velocity comes to the wanted one in a frame.
RESPONSE = (0.08, 0.5)


@dataclasses.dataclass(frozen=True)
class Habits:
    """How the things of a scene move, drawn anew for each scene.

    Attributes:
        speed: Usual way in one frame, in sizes of the object.
        resting: Share of the time that it rests.
        wander: Share of the velocity that is chance in each frame.
        growth: Usual change of the logarithm of the size in one frame.
        sway: How much the width changes with each step, as a share.
        stretch: Frames, on average, after which an object moves another way.
    """

    speed: float
    resting: float
    wander: float
    growth: float
    sway: float
    stretch: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> Habits:
        """Return habits of who just stands or walks by, as half of all do, or of who runs about.

        Some change their shape as they go, some do not.
        """
        steady = generator.uniform() < 0.5
        stands = steady and generator.uniform() < 0.3
        wander, growth, sway = generator.uniform(size=3) * (generator.uniform(size=3) < 0.5)
        return cls(
            speed=0.0 if stands else float(np.exp(generator.uniform(*np.log(SPEED)))),
            resting=0.0 if steady else generator.uniform(0, 0.5),
            wander=(0.3 * wander) ** 2,
            growth=0.01 * growth,
            sway=0.15 * sway,
            stretch=ALWAYS if steady else _stretch(generator),
        )


def walk(start, sides, length: int, habits: Habits, generator: np.random.Generator) -> np.ndarray:
    """Return the boxes of an object on its way, float64 `[T, 4]` xyxy.

    Args:
        start: (x, y) of the centre in the first frame.
        sides: (width, height) then.
        length: T.
        habits: How it moves.
        generator: Where chance comes from.
    """
    growth = _smooth(length, 1, habits.growth, 0.3, habits.stretch, generator).cumsum(axis=0)
    scale = np.exp(np.clip(growth - growth[0], -0.7, 0.7))
    step = habits.speed * np.sqrt(np.prod(sides))
    velocity = scale * _smooth(length, 2, step, habits.resting, habits.stretch, generator)
    velocity += habits.wander * step * generator.normal(size=velocity.shape)
    centres = np.asarray(start) + np.cumsum(velocity, axis=0) - velocity[0]
    phase = 2 * np.pi * (np.arange(length) / generator.uniform(8, 30) + generator.uniform())
    width = 1 + habits.sway * np.sin(phase)[:, None]
    half = scale * np.hstack([sides[0] * width, np.full_like(width, sides[1])]) / 2
    return np.hstack([centres - half, centres + half])


def views(scene_size, size, length: int, generator: np.random.Generator) -> np.ndarray:
    """Return what a camera sees of a scene in each frame, float64 `[T, 4]` xyxy of the scene.

    Half of all cameras stand still; the others pan and zoom, and some are held by hand.

    Args:
        scene_size: (height, width) of the scene.
        size: (height, width) of the frames; no view is smaller.
        length: T.
        generator: Where chance comes from.
    """
    largest = min(np.divide(scene_size, size))
    room = np.log(largest)
    zoom = generator.uniform(0, room)
    moves = generator.uniform() < 0.5
    stretch = _stretch(generator)
    zooms = zoom + _smooth(length, 1, moves * 0.004, 0.5, stretch, generator).cumsum(axis=0)
    half = np.exp(np.clip(zooms, 0, room)) * np.divide(size[::-1], 2)
    most = np.asarray(scene_size[::-1]) - half
    start = generator.uniform(half[0], most[0])
    velocity = moves * _smooth(length, 2, 0.008 * size[1], 0.3, stretch, generator)
    shake = moves * (generator.uniform() < 0.4) * generator.uniform(0, 0.008) * size[1]
    jolts = shake * generator.normal(size=(length, 2))
    centres = np.clip(start + np.cumsum(velocity, axis=0) + jolts, half, most)
    return np.hstack([centres - half, centres + half])


def _stretch(generator):
    return float(np.exp(generator.uniform(*np.log(STRETCH))))


def _smooth(length, width, usual, resting, stretch, generator):
    """Return velocities, `[T, width]`, that follow wanted ones; `usual` is their typical length."""
    changes = np.cumsum(generator.uniform(size=length) < 1 / stretch)
    wanted = usual * generator.normal(size=(length + 1, width))
    wanted *= generator.uniform(size=(length + 1, 1)) >= resting
    response = generator.uniform(*RESPONSE)
    velocity = np.empty((length, width))
    now = wanted[changes[0]]
    for number in range(length):
        now = now + response * (wanted[changes[number]] - now)
        velocity[number] = now
    return velocity
