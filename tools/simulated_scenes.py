"""Simulated scenes with moving boxes and what a detector would make of them, to tune trackers on.

Objects walk, turn, stop, hide behind each other and leave; the detector shakes their boxes, scores
hidden ones low and sees things that are not there. Nothing is drawn: only boxes come out.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.detections import Detections
from edgedet.geometry import boxes as box_geometry

WIDTH, HEIGHT = 640, 480
# Of two detections that overlap more, the better stays, as in any detector.
SUPPRESSED = 0.5
# Log-odds per hidden share of an object: half hidden is as good as gone.
HIDING = 5.0
LEAST_SCORE = 0.05


@dataclasses.dataclass(frozen=True)
class Scene:
    """What moves in a scene, and how well it is seen.

    Attributes:
        frames: Length.
        objects: Number at a time, on average.
        height: Least and greatest height in pixels.
        aspect: Width over height.
        speed: Usual way in one frame, in sizes of the object.
        wander: Share of the velocity that is new in each frame.
        clearness: Mean log-odds of the score of a visible object.
        jitter: Standard deviation of a detected side, in sizes of the object.
        false_alarms: In each frame, on average, each somewhere else.
        clutter: Things that stay, and look a little like objects.
        steadiness: Correlation of the detector's errors from frame to frame.
        shake: Standard deviation of the camera's way in one frame, in pixels.
    """

    frames: int = 200
    objects: float = 8
    height: tuple[float, float] = (60, 200)
    aspect: float = 0.4
    speed: float = 0.02
    wander: float = 0.02
    clearness: float = 1.0
    jitter: float = 0.04
    false_alarms: float = 0.3
    clutter: int = 0
    steadiness: float = 0.7
    shake: float = 0.0


SCENES = {
    "street": Scene(clutter=2),
    "busy street": Scene(objects=9, height=(150, 320), steadiness=0.0),
    "crowd": Scene(objects=16, height=(60, 160), speed=0.025),
    "dim": Scene(clearness=0.0, jitter=0.06, false_alarms=1.0, clutter=3),
    "fast": Scene(objects=6, speed=0.12, wander=0.05, steadiness=0.3),
    "faces": Scene(objects=3, height=(30, 110), aspect=0.8, speed=0.05, wander=0.1, clutter=2),
    "moving camera": Scene(objects=4, height=(50, 120), aspect=0.8, clutter=1, shake=4.0),
}


@dataclasses.dataclass(frozen=True)
class Frame:
    """One frame: what is there, and what is detected.

    Attributes:
        track_ids: int `[G]`.
        boxes: float `[G, 4]`, xyxy, pixels.
        detections: What the simulated detector says.
    """

    track_ids: np.ndarray
    boxes: np.ndarray
    detections: Detections


def simulate(scene: Scene, seed: int) -> list[Frame]:
    """Return the frames of a scene; the same for the same seed."""
    world = _World(scene, np.random.default_rng(seed))
    return [world.step() for _ in range(scene.frames)]


def degraded(boxes: np.ndarray, size, random: np.random.Generator) -> Detections:
    """Return annotated boxes as a detector might see them: the scene `Scene()`, without memory.

    Args:
        boxes: `[G, 4]` xyxy, pixels.
        size: (height, width) of the image.
        random: Where chance comes from.
    """
    scene = Scene()
    hidden = _hidden(boxes)
    scale = np.sqrt(box_geometry.area(boxes))[:, None]
    errors = random.normal(0, 1, boxes.shape) * (1 + hidden[:, None])
    log_odds = scene.clearness + random.normal(0, 1, len(boxes)) - HIDING * hidden
    dreams = random.poisson(scene.false_alarms)
    heights = random.uniform(0.15, 0.5, dreams) * size[0]
    sides = np.stack([heights * scene.aspect, heights], axis=1)
    centres = random.uniform((0, 0), size[::-1], (dreams, 2))
    wrong = box_geometry.cxcywh_to_xyxy(np.hstack([centres, sides]))
    seen = np.vstack([boxes + scene.jitter * scale * errors, wrong])
    doubts = random.normal(-1.5, 0.8, dreams)
    return _suppressed(seen, np.append(log_odds, doubts), size)


class _World:
    def __init__(self, scene, random):
        self.scene, self.random = scene, random
        self.ids, self.centres = np.zeros(0, int), np.zeros((0, 2))
        self.sizes, self.velocities = np.zeros((0, 2)), np.zeros((0, 2))
        # Slowly changing errors: of the score, and of centre and sides.
        self.moods, self.errors = np.zeros(0), np.zeros((0, 4))
        self.born = 0
        self.camera = np.zeros(2)
        # Things that look a little like objects, and do not move.
        self.clutter = random.uniform((0, 0), (WIDTH, HEIGHT), (scene.clutter, 2))
        self.clutter_moods = random.normal(0, 1, scene.clutter)
        self._enter(random.poisson(scene.objects), anywhere=True)

    def step(self):
        self._move()
        gap = max(self.scene.objects - len(self.ids), 0)
        self._enter(self.random.poisson(0.05 * gap), anywhere=False)
        boxes = box_geometry.cxcywh_to_xyxy(np.hstack([self.centres, self.sizes]))
        hidden = _hidden(boxes)
        present = hidden < 0.95
        return Frame(self.ids[present], boxes[present], self._detect(boxes, hidden))

    def _enter(self, count, anywhere):
        scene, random = self.scene, self.random
        heights = np.exp(random.uniform(*np.log(scene.height), count))
        sizes = np.stack([heights * scene.aspect, heights], axis=1)
        angles = random.uniform(0, 2 * np.pi, count)
        directions = np.stack([np.cos(angles), 0.4 * np.sin(angles)], axis=1)
        centres = random.uniform((0, 0.3 * HEIGHT), (WIDTH, 0.8 * HEIGHT), (count, 2))
        if not anywhere:
            centres[:, 0] = np.where(directions[:, 0] > 0, 0, WIDTH)
        speeds = self._speeds(sizes)
        self.ids = np.append(self.ids, self.born + np.arange(count))
        self.born += count
        self.centres, self.sizes = (
            np.vstack([self.centres, centres]),
            np.vstack([self.sizes, sizes]),
        )
        self.velocities = np.vstack([self.velocities, directions * speeds])
        self.moods = np.append(self.moods, random.normal(0, 1, count))
        self.errors = np.vstack([self.errors, random.normal(0, 1, (count, 4))])

    def _speeds(self, sizes):
        return self.scene.speed * np.sqrt(sizes.prod(axis=1, keepdims=True))

    def _move(self):
        scene, random = self.scene, self.random
        keep = np.sqrt(1 - scene.wander**2)
        fresh = scene.wander * self._speeds(self.sizes) * random.normal(0, 1, self.centres.shape)
        self.velocities = keep * self.velocities + fresh
        self.camera = 0.8 * self.camera + 0.6 * random.normal(0, scene.shake, 2)
        self.centres = self.centres + self.velocities + self.camera
        self.clutter = self.clutter + self.camera
        # Down the picture is nearer, and so larger.
        self.sizes = self.sizes * np.exp(self.velocities[:, 1:] / HEIGHT)
        inside = ((self.centres >= 0) & (self.centres <= (WIDTH, HEIGHT))).all(axis=1)
        for name in ("ids", "centres", "sizes", "velocities", "moods", "errors"):
            setattr(self, name, getattr(self, name)[inside])

    def _detect(self, boxes, hidden):
        scene, random = self.scene, self.random
        self.moods = self._later(self.moods)
        self.errors = self._later(self.errors)
        self.clutter_moods = self._later(self.clutter_moods)
        scale = np.sqrt(self.sizes.prod(axis=1, keepdims=True))
        seen = boxes + scene.jitter * scale * self.errors * (1 + hidden[:, None])
        log_odds = scene.clearness + self.moods - HIDING * hidden
        dreams = random.poisson(scene.false_alarms)
        heights = np.append(
            np.full(scene.clutter, scene.height[0]), random.uniform(*scene.height, dreams)
        )
        centres = np.vstack([self.clutter, random.uniform((0, 0), (WIDTH, HEIGHT), (dreams, 2))])
        sizes = np.stack([heights * scene.aspect, heights], axis=1)
        wrong = box_geometry.cxcywh_to_xyxy(np.hstack([centres, sizes]))
        doubts = np.append(self.clutter_moods - 2.5, random.normal(-1.5, 0.8, dreams))
        seen = np.vstack([seen, wrong])
        return _suppressed(seen, np.append(log_odds, doubts), (HEIGHT, WIDTH))

    def _later(self, errors):
        """Return errors of the same spread, as they are one frame later."""
        keep = self.scene.steadiness
        return keep * errors + np.sqrt(1 - keep**2) * self.random.normal(0, 1, errors.shape)


def _hidden(boxes):
    """Return the share of each box, `[N]`, that the largest thing in front of it covers."""
    shared = box_geometry.intersection(boxes[:, None], boxes[None])
    # What stands lower in the picture is nearer.
    in_front = boxes[None, :, 3] > boxes[:, None, 3]
    return (shared * in_front).max(axis=1, initial=0) / box_geometry.area(boxes)


def _suppressed(boxes, log_odds, size):
    scores = 1 / (1 + np.exp(-log_odds))
    order = np.argsort(-scores)
    order = order[scores[order] > LEAST_SCORE]
    overlaps = box_geometry.pairwise_iou(boxes, boxes)
    kept: list[int] = []
    for index in order:
        if not (overlaps[index, kept] > SUPPRESSED).any():
            kept.append(int(index))
    boxes = box_geometry.clip(boxes[kept], size)
    kept_scores = scores[kept]
    inside = box_geometry.area(boxes) > 0
    return Detections(
        boxes[inside].astype("float32"),
        kept_scores[inside].astype("float32"),
        np.zeros(inside.sum(), "int32"),
    )
