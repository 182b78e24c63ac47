"""Where tracks are and how fast they move: constant-velocity Kalman filters of all tracks at once.

A box is its centre and the logarithms of its sides, so a side is never negative and noise that is a
share of the box means the same for near and far objects. The four coordinates do not mix, so each
track has four filters of two numbers, position and rate, and no matrix is ever inverted. Noise of
the motion is white acceleration: Bar-Shalom, Li and Kirubarajan 2001, "Estimation with applications
to tracking and navigation", chapter 6.2, https://doi.org/10.1002/0471221279.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.geometry import boxes as box_geometry

# Below it a side is no side; keeps logarithms finite.
LEAST_SIDE = 1e-3
# No model is surer than this share of what is assumed without one; keeps gains below 1.
LEAST_STD = 0.1


@dataclasses.dataclass(frozen=True)
class MotionNoise:
    """How far boxes and motion may be trusted, each a share of the box's size (see `size`).

    Attributes:
        side: Standard deviation of each detected side, where the model does not say it; raise it
            for steadier boxes that follow later.
        acceleration: Change of the velocity of the centre in one frame; raise it for objects
            that turn and stop, at the price of unsteady boxes.
        growth: The same of the velocity of the logarithm of a side.
        first_velocity: How fast a new object may move, in one frame.
        first_growth: The same of the logarithm of a side.
    """

    side: float = 0.07
    acceleration: float = 0.008
    growth: float = 0.005
    first_velocity: float = 0.1
    first_growth: float = 0.02


@dataclasses.dataclass(frozen=True)
class Motion:
    """The filters of T tracks; every method returns new ones.

    Attributes:
        position: float64 `[T, 4]`: centre x, centre y, ln width, ln height; pixels.
        rate: float64 `[T, 4]`, their change in one frame.
        variance: float64 `[T, 4]` of the position.
        covariance: float64 `[T, 4]` of position with rate.
        rate_variance: float64 `[T, 4]`.
    """

    position: np.ndarray
    rate: np.ndarray
    variance: np.ndarray
    covariance: np.ndarray
    rate_variance: np.ndarray

    @classmethod
    def start(cls, seen: Observation, noise: MotionNoise) -> Motion:
        """Return the motion of new tracks, which may go anywhere yet."""
        nothing = np.zeros_like(seen.position)
        shares = (noise.first_velocity, noise.first_growth)
        rate_variance = _per_coordinate(seen.position, *shares) ** 2
        return cls(seen.position, nothing, seen.variance, nothing, rate_variance)

    def __len__(self) -> int:
        return len(self.position)

    def __getitem__(self, chosen) -> Motion:
        """Return the filters that a boolean mask or index array chooses."""
        return Motion(*(column[chosen] for column in self._columns()))

    def joined(self, others: Motion) -> Motion:
        """Return these filters and `others` behind them."""
        pairs = zip(self._columns(), others._columns(), strict=True)
        return Motion(*map(np.concatenate, pairs))

    def predict(self, frames: float, noise: MotionNoise) -> Motion:
        """Return where the tracks are `frames` later, and how unsure that is."""
        q = _per_coordinate(self.position, noise.acceleration, noise.growth) ** 2
        grown = self.covariance + frames * self.rate_variance
        return Motion(
            self.position + frames * self.rate,
            self.rate,
            self.variance + frames * (self.covariance + grown) + q * frames**3 / 3,
            grown + q * frames**2 / 2,
            self.rate_variance + q * frames,
        )

    def update(self, seen: Observation) -> Motion:
        """Return the filters after each has seen its box; the surer side counts more."""
        share = self.variance / (self.variance + seen.variance)
        rate_share = self.covariance / (self.variance + seen.variance)
        surprise = seen.position - self.position
        return Motion(
            self.position + share * surprise,
            self.rate + rate_share * surprise,
            (1 - share) * self.variance,
            (1 - share) * self.covariance,
            self.rate_variance - rate_share * self.covariance,
        )

    def boxes(self) -> np.ndarray:
        """Return the boxes, float64 `[T, 4]` xyxy."""
        half = np.exp(self.position[:, 2:]) / 2
        return np.concatenate([self.position[:, :2] - half, self.position[:, :2] + half], axis=1)

    def box_std(self) -> np.ndarray:
        """Return the standard deviation of each side of the boxes, float64 `[T, 4]` pixels."""
        sides = np.exp(self.position[:, 2:])
        variance = self.variance[:, :2] + sides**2 * self.variance[:, 2:] / 4
        return np.sqrt(np.concatenate([variance, variance], axis=1))

    def _columns(self):
        return [getattr(self, field.name) for field in dataclasses.fields(self)]


@dataclasses.dataclass(frozen=True)
class Observation:
    """Detected boxes as the filters see them.

    Attributes:
        position: float64 `[D, 4]`: centre x, centre y, ln width, ln height; pixels.
        variance: float64 `[D, 4]`.
    """

    position: np.ndarray
    variance: np.ndarray

    @classmethod
    def of(cls, boxes: np.ndarray, box_std: np.ndarray | None, noise: MotionNoise) -> Observation:
        """Return boxes, `[D, 4]` xyxy, as sure as the model is of their sides.

        Args:
            boxes: xyxy, pixels.
            box_std: Standard deviation of each side, `[D, 4]` pixels, or `None` where the model
                does not estimate it.
            noise: What to assume then.
        """
        code = box_geometry.xyxy_to_cxcywh(np.asarray(boxes, "float64"))
        sides = np.maximum(code[:, 2:], LEAST_SIDE)
        position = np.concatenate([code[:, :2], np.log(sides)], axis=1)
        assumed = noise.side * size(position)[:, None]
        std = assumed if box_std is None else np.asarray(box_std, "float64")
        std = np.broadcast_to(np.maximum(std, LEAST_STD * assumed), code.shape)
        # Opposite sides err on their own: half their sum errs half as much as their difference.
        difference = std[:, :2] ** 2 + std[:, 2:] ** 2
        return cls(position, np.concatenate([difference / 4, difference / sides**2], axis=1))

    def __getitem__(self, chosen) -> Observation:
        """Return the boxes that a boolean mask or index array chooses."""
        return Observation(self.position[chosen], self.variance[chosen])

    def given_to(self, tracks: np.ndarray, count: int) -> Observation:
        """Return what each of `count` tracks saw; `tracks` `[D]` saw these, the others nothing.

        Who saw nothing saw a box of which nothing is known: its variance is infinite.
        """
        position, variance = np.zeros((count, 4)), np.full((count, 4), np.inf)
        position[tracks], variance[tracks] = self.position, self.variance
        return Observation(position, variance)


def size(position: np.ndarray) -> np.ndarray:
    """Return the geometric mean of width and height, `[T]` pixels: the scale of all noise."""
    return np.exp(position[:, 2:].mean(axis=1))


def _per_coordinate(position, of_centre, of_side):
    """Return `[T, 4]`: a share of the size for the centre, and as it is for the logarithms."""
    scale = size(position)[:, None]
    return np.concatenate(
        [np.repeat(of_centre * scale, 2, axis=1), np.full((len(position), 2), of_side)], axis=1
    )
