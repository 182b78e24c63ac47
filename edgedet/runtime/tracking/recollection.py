"""Recollections: what is remembered of each track beside where it is."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Recollection:
    """What an object memory remembers of T tracks.

    Attributes:
        state: float32 `[T, h]`, of its GRU.
        appearance: float32 `[T, e]`, the running mean of what the object looked like.
        unseen: int `[T]`, frames since it was last detected.
    """

    state: np.ndarray
    appearance: np.ndarray
    unseen: np.ndarray

    @classmethod
    def nothing(cls, count: int, size: int = 0, embedding: int = 0) -> Recollection:
        """Return that of tracks of which nothing is known yet."""
        state, appearance = (np.zeros((count, width), "float32") for width in (size, embedding))
        return cls(state, appearance, np.zeros(count, int))

    def __getitem__(self, chosen) -> Recollection:
        """Return that of the tracks which a boolean mask or index array chooses."""
        return Recollection(self.state[chosen], self.appearance[chosen], self.unseen[chosen])

    def joined(self, others: Recollection) -> Recollection:
        """Return this and `others` behind it."""
        return Recollection(
            np.concatenate([self.state, others.state]),
            np.concatenate([self.appearance, others.appearance]),
            np.concatenate([self.unseen, others.unseen]),
        )

    def later(self, frames: int) -> Recollection:
        """Return it `frames` later, nobody seen."""
        return dataclasses.replace(self, unseen=self.unseen + frames)

    def renewed(self, tracks: np.ndarray, seen: Recollection) -> Recollection:
        """Return it after `tracks`, int `[K]`, were seen; `seen` is theirs."""
        state, appearance, unseen = self.state.copy(), self.appearance.copy(), self.unseen.copy()
        state[tracks], appearance[tracks] = seen.state, seen.appearance
        unseen[tracks] = seen.unseen
        return Recollection(state, appearance, unseen)
