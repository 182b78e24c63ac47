"""All tracks of a stream, one row each."""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.runtime.tracking.kalman import Motion
from edgedet.runtime.tracking.recollection import Recollection


@dataclasses.dataclass(frozen=True)
class TrackTable:
    """What is known of T tracks.

    Attributes:
        ids: int32 `[T]`.
        labels: int32 `[T]`.
        log_odds: float64 `[T]` that it is an object, and still there.
        confirmed: bool `[T]`; it was sure once that it is an object.
        frames_lost: int `[T]`; frames since it was last believed to be there.
        motion: Where they are and how fast they move.
        recalled: What else is remembered of them.
    """

    ids: np.ndarray
    labels: np.ndarray
    log_odds: np.ndarray
    confirmed: np.ndarray
    frames_lost: np.ndarray
    motion: Motion
    recalled: Recollection

    @classmethod
    def empty(cls, recalled: Recollection) -> TrackTable:
        """Return no tracks, of whom is remembered what `recalled` says of no track."""
        columns = (np.zeros(0, kind) for kind in ("int32", "int32", float, bool, int))
        motion = Motion(*(np.zeros((0, 4)) for _ in dataclasses.fields(Motion)))
        return cls(*columns, motion, recalled)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, chosen) -> TrackTable:
        """Return the tracks that a boolean mask or index array chooses."""
        return TrackTable(*(column[chosen] for column in self._columns()))

    def joined(self, others: TrackTable) -> TrackTable:
        """Return these tracks and `others` behind them."""
        *pairs, motions, recalled = zip(self._columns(), others._columns(), strict=True)
        tables = (one.joined(other) for one, other in (motions, recalled))
        return TrackTable(*map(np.concatenate, pairs), *tables)

    def _columns(self):
        return [getattr(self, field.name) for field in dataclasses.fields(self)]
