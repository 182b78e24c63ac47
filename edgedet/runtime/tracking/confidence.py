"""How sure it is that a track is an object: log-odds that grow and fall with what is seen.

Each frame adds the logarithm of how much better an object explains what was seen than clutter does
(the track score of Blackman 2004, https://doi.org/10.1109/MAES.2004.1263228). The least score worth
reporting says nothing by itself; higher ones speak for the object, lower ones against it.
"""

from __future__ import annotations

import dataclasses

import numpy as np

# Scores of 0 and 1 have no log-odds.
SUREST = 1e-4


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What a frame says about a track, in log-odds.

    Attributes:
        agreement: What is gained where a detection lies where a known object is expected, whatever
            its score; raise it to follow what is hardly seen, at the price of ghosts that stay. It
            tells that the object is still there, not that there is one: clutter stays too.
        miss: What is lost where a frame shows nothing; raise it to let go of what has left
            sooner, at the price of tracks with gaps where detections have them.
        limit: No track is surer, so each can be doubted again within a few frames.
        confirmed: From here on a track is taken for an object; raise it against false alarms
            that last for some frames, at the price of objects that are reported later.
        half_life: Frames without a look, after which half of the log-odds are left.
        slope: How much surer, in log-odds, a detection is than another whose score says 1 more.
        neutral: The score that speaks neither for an object nor against it, where it was
            measured how often detections are right, see `edgedet.metrics.reliability`; `None`
            takes scores at their word, and the least one worth reporting for neutral.
    """

    agreement: float = 0.8
    miss: float = 2.5
    limit: float = 5.0
    confirmed: float = 1.5
    half_life: float = 30.0
    slope: float = 1.0
    neutral: float | None = None

    def log_odds(self, scores):
        """Return how sure it is that detections of these scores are objects, float64."""
        if self.neutral is None:
            return to_log_odds(scores)
        return self.slope * (to_log_odds(scores) - to_log_odds(self.neutral))

    def matched(self, log_odds, confirmed, scores, min_score: float):
        """Return the log-odds of tracks that were detected, `[K]`.

        Args:
            log_odds: Before, `[K]`.
            confirmed: bool `[K]`, taken for objects already.
            scores: What the detector gave them, `[K]`.
            min_score: The least score worth reporting.
        """
        nothing = to_log_odds(min_score) if self.neutral is None else 0.0
        gain = self.log_odds(scores) - nothing + self.agreement * confirmed
        # The faintest detection is no worse than none.
        return np.minimum(log_odds + np.maximum(gain, -self.miss), self.limit)

    def missed(self, log_odds, frames: int):
        """Return the log-odds of tracks that were not detected after `frames` frames."""
        return log_odds - frames * self.miss

    def unseen(self, log_odds, frames: int):
        """Return the log-odds of tracks after `frames` frames in which nobody looked."""
        return log_odds * 0.5 ** (frames / self.half_life)


def to_log_odds(scores):
    """Return ln(p / (1 - p)) of probabilities, float64."""
    scores = np.clip(np.asarray(scores, "float64"), SUREST, 1 - SUREST)
    return np.log(scores / (1 - scores))


def to_score(log_odds):
    """Return the probabilities, float64, that have these log-odds."""
    return 1 / (1 + np.exp(-np.asarray(log_odds, "float64")))
