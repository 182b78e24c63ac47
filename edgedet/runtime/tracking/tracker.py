"""Tracker: detections of one frame after another in, tracks out."""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.detections import COASTING, MATCHED, TENTATIVE, Detections, Tracks
from edgedet.geometry import boxes as box_geometry
from edgedet.runtime.tracking.association import Gate, associate
from edgedet.runtime.tracking.confidence import Evidence, to_log_odds, to_score
from edgedet.runtime.tracking.kalman import Motion, MotionNoise, Observation
from edgedet.runtime.tracking.table import TrackTable

# What overlaps a detected object of its class this much is the same object once more.
SAME = 0.5
# Their values were chosen on simulated scenes; tools/compare_trackers.py says how far.
NOISE, EVIDENCE, GATE = MotionNoise(), Evidence(), Gate()


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
        memory: Frames that a lost track is remembered; raise it for longer occlusions, at the
            price of new objects that get the number of an old one.
        noise: How far boxes and motion may be trusted.
        evidence: How fast a track is believed and given up.
        gate: Which detections may be which tracks.
    """

    def __init__(
        self,
        min_score: float = 0.3,
        memory: int = 60,
        noise: MotionNoise = NOISE,
        evidence: Evidence = EVIDENCE,
        gate: Gate = GATE,
    ):
        self._min_score, self._memory = min_score, memory
        self._noise, self._evidence, self._gate = noise, evidence, gate
        self._least = to_log_odds(min_score)
        self.reset()

    def reset(self) -> None:
        """Forget everything: what comes next is another scene."""
        self._tracks = TrackTable.empty()
        self._next_id = 1
        self._frame_size = None
        self._has_std = False

    def __len__(self) -> int:
        """Return how many tracks are remembered, lost ones too."""
        return len(self._tracks)

    def __call__(
        self, detections: Detections, frames: int = 1, frame_size: tuple[int, int] | None = None
    ) -> Tracks:
        """Return who is where in the next frame.

        Args:
            detections: What was found in it.
            frames: How much later it is than the last one; more than 1 where some were dropped.
            frame_size: Its (height, width): boxes end there, who leaves it is forgotten, and
                another size is another scene. Without it, tracks may run off.
        """
        if frame_size is not None and frame_size != self._frame_size:
            self.reset()
            self._frame_size = frame_size
        self._has_std = detections.box_std is not None
        seen = Observation.of(detections.boxes, detections.box_std, self._noise)
        tracks = self._moved(frames)
        matched, chosen = associate(
            tracks, self._alive(tracks), detections, seen, self._min_score, self._gate
        )
        tracks = self._updated(tracks, matched, seen[chosen], detections.scores[chosen], frames)
        new = self._new(detections, chosen)
        tracks = tracks.joined(self._begun(detections[new], seen[new]))
        is_seen = np.ones(len(tracks), bool)
        is_seen[: len(tracks) - len(new)] = False
        is_seen[matched] = True
        return self._keep(tracks, is_seen, frames)

    def coast(self, frames: int = 1) -> Tracks:
        """Return where everybody should be `frames` later, without a look at a frame.

        What is not looked at is no evidence: confidence only ages.
        """
        tracks = self._moved(frames)
        log_odds = self._evidence.unseen(tracks.log_odds, frames)
        tracks = dataclasses.replace(tracks, log_odds=log_odds)
        return self._keep(tracks, np.zeros(len(tracks), bool), frames)

    def _moved(self, frames):
        motion = self._tracks.motion.predict(frames, self._noise)
        return dataclasses.replace(self._tracks, motion=motion)

    def _alive(self, tracks):
        return tracks.log_odds >= self._least

    def _updated(self, tracks, matched, seen, scores, frames):
        """Return the tracks after some of them were detected and the others were not."""
        log_odds = self._evidence.missed(tracks.log_odds, frames)
        # Who was lost and is found again begins anew, where there is no evidence either way.
        before = np.maximum(tracks.log_odds[matched], self._least)
        known = tracks.confirmed[matched]
        log_odds[matched] = self._evidence.matched(before, known, scores, self._min_score)
        return dataclasses.replace(
            tracks,
            log_odds=log_odds,
            confirmed=tracks.confirmed | (log_odds >= self._evidence.confirmed),
            motion=tracks.motion.update(seen.given_to(matched, len(tracks))),
        )

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

    def _begun(self, detections, seen):
        count = len(detections)
        log_odds = np.minimum(to_log_odds(detections.scores), self._evidence.limit)
        ids = np.arange(self._next_id, self._next_id + count, dtype="int32")
        self._next_id += count
        return TrackTable(
            ids=ids,
            labels=detections.labels.astype("int32"),
            log_odds=log_odds,
            confirmed=log_odds >= self._evidence.confirmed,
            frames_lost=np.zeros(count, int),
            motion=Motion.start(seen, self._noise),
        )

    def _keep(self, tracks, is_seen, frames):
        """Remember the tracks that are worth it, and return those that are believed."""
        alive = self._alive(tracks)
        frames_lost = np.where(alive, 0, tracks.frames_lost + frames)
        tracks = dataclasses.replace(tracks, frames_lost=frames_lost)
        boxes = tracks.motion.boxes()
        kept = alive | (tracks.confirmed & (frames_lost <= self._memory))
        if self._frame_size is not None:
            boxes = box_geometry.clip(boxes, self._frame_size)
            kept &= box_geometry.area(boxes) > 0
        self._tracks = tracks[kept]
        return self._reported(tracks, boxes, is_seen, kept & alive)

    def _reported(self, tracks, boxes, is_seen, shown):
        # A guess without a detection is worth showing for objects, and where nothing else is.
        shown &= is_seen | (tracks.confirmed & ~_covered(tracks.labels, boxes, is_seen))
        order = np.flatnonzero(shown)
        order = order[np.argsort(-tracks.log_odds[order], kind="stable")]
        tracks, is_seen = tracks[order], is_seen[order]
        states = np.where(is_seen, np.where(tracks.confirmed, MATCHED, TENTATIVE), COASTING)
        return Tracks(
            boxes[order].astype("float32"),
            to_score(tracks.log_odds).astype("float32"),
            tracks.labels,
            tracks.motion.box_std().astype("float32") if self._has_std else None,
            track_ids=tracks.ids,
            states=states,
        )


def _covered(labels, boxes, is_seen):
    """Return bool `[T]`: the box lies where a detected track of its class is."""
    same = box_geometry.pairwise_iou(boxes, boxes[is_seen]) > SAME
    return (same & (labels[:, None] == labels[is_seen])).any(axis=1)
