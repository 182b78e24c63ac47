"""What a layer means to integers: how the range of its output comes about."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Rule:
    """How the range of a layer's output comes about.

    Attributes:
        shared: Inputs and outputs must have one range, as TFLite's kernels ask.
        rounds: Results may lie between the steps of that range, and are rounded.
        fixed: The range (low, high) that TFLite's kernel always has, or `None`.
    """

    shared: bool = False
    rounds: bool = True
    fixed: tuple[float, float] | None = None


# Computes new values, such as an addition.
COMPUTES = Rule()
# Only moves values, such as a reshape or a concatenation.
MOVES = Rule(shared=True, rounds=False)
# Puts means of values in their place, such as average pooling.
AVERAGES = Rule(shared=True)

# The ranges that TFLite's kernels have; 255 steps of 1/256 and of 1/128.
UNIT = Rule(fixed=(0.0, 255 / 256))
SIGNED_UNIT = Rule(fixed=(-1.0, 127 / 128))
