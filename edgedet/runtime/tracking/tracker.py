"""Tracker: detections of one frame after another in, tracks out."""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.detections import Detections, Tracks
from edgedet.geometry import boxes as box_geometry
from edgedet.runtime.tracking.association import Gate, associate, pair_costs
from edgedet.runtime.tracking.confidence import Evidence, to_log_odds
from edgedet.runtime.tracking.kalman import Motion, MotionNoise, Observation
from edgedet.runtime.tracking.memory import NoMemory, ObjectMemory, surprises
from edgedet.runtime.tracking.report import SAME, report
from edgedet.runtime.tracking.sighted import Sighted
from edgedet.runtime.tracking.table import TrackTable

# Their values were chosen on simulated scenes; tools/compare_trackers.py says how far.
NOISE, EVIDENCE, GATE = MotionNoise(), Evidence(), Gate()
# With a memory; chosen on simulated sequences of images that it was not trained on.
MEMORY_GATE = Gate(overlap=0.1, limit=3.5, looks=0.75, again=1.4)
# Multiplications of the filters for each track, and for each track and detection.
TRACK_MACS, PAIR_MACS = 80, 13


class Tracker:
    """Follows the objects of one stream: `tracks = track(detections)`, frame by frame.

    All memory is in here, so each stream has a tracker of its own, and streams that share a
    detector cannot mix. A detection that belongs to no track begins one, which is `tentative`
    until enough was seen of it, and then `matched` in each frame that shows it. In a frame that
    does not, it is `coasting`: predicted, and soon no longer believed. Then it is lost and not
    reported, but remembered, and has its old number when it is seen again where it should be.

    Args:
        min_score: Detections that score less begin no track. Give weaker ones too, if the detector
            has them: they continue tracks.
        patience: Frames that a lost track is remembered; raise it for longer occlusions, at the
            price of new objects that get the number of an old one.
        noise: How far boxes and motion may be trusted.
        evidence: How fast a track is believed and given up.
        gate: Which detections may be which tracks; `None` is `MEMORY_GATE` or `GATE`.
        memory: Learned: corrects where tracks are expected, and knows their looks; `None` trusts
            the filters.

    Attributes:
        macs: Multiplications that it spent on the last frame.
    """

    def __init__(
        self,
        min_score: float = 0.3,
        patience: int = 60,
        noise: MotionNoise = NOISE,
        evidence: Evidence = EVIDENCE,
        gate: Gate | None = None,
        memory: ObjectMemory | None = None,
    ):
        self._min_score, self._patience = min_score, patience
        self._memory = memory or NoMemory()
        self._noise, self._evidence = noise, evidence
        self._gate = gate or (GATE if memory is None else MEMORY_GATE)
        self._least = evidence.log_odds(min_score)
        self.reset()

    def reset(self) -> None:
        """Forget everything: what comes next is another scene."""
        self._tracks = TrackTable.empty(self._memory.nothing(0))
        self.macs = 0
        self._next_id = 1
        self._frame_size = None
        self._has_std = False

    def __len__(self) -> int:
        """Return how many tracks are remembered, lost ones too."""
        return len(self._tracks)

    def __call__(
        self,
        detections: Detections,
        frames: int = 1,
        frame_size: tuple[int, int] | None = None,
        frame: np.ndarray | None = None,
    ) -> Tracks:
        """Return who is where in the next frame.

        Args:
            detections: What was found in it.
            frames: How much later it is than the last one; more than 1 where some were dropped.
            frame_size: Its (height, width): boxes end there, who leaves it is forgotten, and
                another size is another scene. Without it, tracks may run off.
            frame: The frame itself, uint8 `[H, W, bands]`, for a memory to look at; without it
                all objects look the same.
        """
        if frame_size is not None and frame_size != self._frame_size:
            self.reset()
            self._frame_size = frame_size
        self._has_std = detections.box_std is not None
        tracks = self._moved(frames)
        sighted, costs = self._sighted(tracks, detections, frame)
        matched, chosen = associate(
            tracks, self._alive(tracks), detections, costs, self._min_score, self._gate
        )
        tracks = self._updated(tracks, matched, sighted[chosen], frames)
        new = self._new(detections, chosen)
        tracks = tracks.joined(self._begun(sighted[new]))
        is_seen = np.ones(len(tracks), bool)
        is_seen[: len(tracks) - len(new)] = False
        is_seen[matched] = True
        return self._keep(tracks, is_seen, frames)

    def coast(self, frames: int = 1) -> Tracks:
        """Return where everybody should be `frames` later, without a look at a frame.

        What is not looked at is no evidence: confidence only ages.
        """
        tracks = self._moved(frames)
        self.macs = len(tracks) * (TRACK_MACS + self._memory.expect_macs)
        log_odds = self._evidence.unseen(tracks.log_odds, frames)
        tracks = dataclasses.replace(tracks, log_odds=log_odds)
        return self._keep(tracks, np.zeros(len(tracks), bool), frames)

    def _moved(self, frames):
        motion = self._tracks.motion.predict(frames, self._noise)
        recalled = self._tracks.recalled.later(frames)
        return dataclasses.replace(self._tracks, motion=motion, recalled=recalled)

    def _sighted(self, tracks, detections, frame):
        """Return what was sighted, and what it costs that it is this or that track."""
        memory = self._memory
        seen = Observation.of(detections.boxes, detections.box_std, self._noise)
        expected = memory.expected(tracks.motion, tracks.recalled)
        costs, near = pair_costs(expected, seen, detections.boxes, self._gate)
        # What neither can be a known object nor begins a new one needs no look.
        near &= (costs <= self._gate.limit) & (tracks.labels[:, None] == detections.labels)
        matters = near.any(axis=0) | (detections.scores >= self._min_score)
        looks = np.zeros((len(detections), memory.embedding), "float32")
        looks[matters] = memory.look(frame, detections.boxes[matters])
        costs = costs + self._gate.looks * memory.unlike(tracks.recalled, looks)
        # Elsewhere it could be anybody, unless it was looked at.
        again = ~self._alive(tracks)[:, None] & (costs < self._gate.again) & (frame is not None)
        costs = np.where(near | again, costs, np.inf)
        self.macs = len(tracks) * (TRACK_MACS + 2 * memory.expect_macs)
        self.macs += costs.size * (PAIR_MACS + memory.embedding)
        self.macs += int(matters.sum()) * memory.look_macs
        return Sighted(detections, seen, looks), costs

    def _alive(self, tracks):
        return tracks.log_odds >= self._least

    def _updated(self, tracks, matched, sighted, frames):
        """Return the tracks after some of them were detected and the others were not."""
        scores = sighted.detections.scores
        log_odds = self._evidence.missed(tracks.log_odds, frames)
        # Who was lost and is found again begins anew, where there is no evidence either way.
        before = np.maximum(tracks.log_odds[matched], self._least)
        known = tracks.confirmed[matched]
        log_odds[matched] = self._evidence.matched(before, known, scores, self._min_score)
        motion = tracks.motion.update(sighted.seen.given_to(matched, len(tracks)))
        recalled = self._recalled(
            tracks.recalled[matched], tracks.motion[matched], motion[matched], sighted
        )
        return dataclasses.replace(
            tracks,
            log_odds=log_odds,
            confirmed=tracks.confirmed | (log_odds >= self._evidence.confirmed),
            motion=motion,
            recalled=tracks.recalled.renewed(matched, recalled),
        )

    def _recalled(self, recalled, before, after, sighted):
        """Return what is remembered of tracks after each was sighted."""
        self.macs += len(sighted) * self._memory.update_macs
        log_odds = to_log_odds(sighted.detections.scores)
        surprise = surprises(before, after, sighted.seen, log_odds, recalled.unseen)
        return self._memory.update(recalled, surprise, sighted.looks)

    def _new(self, detections, taken):
        """Return which detections begin a track: sure ones, and one for each object."""
        free = np.ones(len(detections), bool)
        free[taken] = False
        again = box_geometry.pairwise_iou(detections.boxes, detections.boxes) > SAME
        again &= detections.labels[:, None] == detections.labels
        new, known = [], list(taken)
        for index in np.flatnonzero(free & (detections.scores >= self._min_score)):
            if not again[index, known].any():
                new.append(index)
                known.append(index)
        return np.array(new, int)

    def _begun(self, sighted):
        detections, count = sighted.detections, len(sighted)
        log_odds = np.minimum(self._evidence.log_odds(detections.scores), self._evidence.limit)
        ids = np.arange(self._next_id, self._next_id + count, dtype="int32")
        self._next_id += count
        motion = Motion.start(sighted.seen, self._noise)
        nothing = self._memory.nothing(count)
        return TrackTable(
            ids=ids,
            labels=detections.labels.astype("int32"),
            log_odds=log_odds,
            confirmed=log_odds >= self._evidence.confirmed,
            frames_lost=np.zeros(count, int),
            motion=motion,
            recalled=self._recalled(nothing, motion, motion, sighted),
        )

    def _keep(self, tracks, is_seen, frames):
        """Remember the tracks that are worth it, and return those that are believed."""
        alive = self._alive(tracks)
        frames_lost = np.where(alive, 0, tracks.frames_lost + frames)
        tracks = dataclasses.replace(tracks, frames_lost=frames_lost)
        expected = self._memory.expected(tracks.motion, tracks.recalled)
        boxes = expected.boxes()
        kept = alive | (tracks.confirmed & (frames_lost <= self._patience))
        if self._frame_size is not None:
            boxes = box_geometry.clip(boxes, self._frame_size)
            kept &= box_geometry.area(boxes) > 0
        self._tracks = tracks[kept]
        tracks = dataclasses.replace(tracks, motion=expected)
        return report(tracks, boxes, is_seen, kept & alive, self._has_std)
