"""Running one stage of a network, which its model file holds under a signature of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np


@dataclasses.dataclass(frozen=True)
class StageRunner:
    """One of the stages that a manifest names, see `Manifest.stages`; ready to run.

    Attributes:
        run: Takes named tensors of the file's own numbers, of any height and width, and returns
            such. Another size than before costs some microseconds.
        shapes: Shape of each input and output in the whole network.
    """

    run: Callable[..., dict[str, np.ndarray]]
    shapes: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, runner) -> StageRunner:
        """Return the stage that an interpreter's signature runner runs."""
        # Now: later they are those of the last run.
        details = {**runner.get_input_details(), **runner.get_output_details()}
        return cls(runner, {name: tuple(map(int, details[name]["shape"])) for name in details})
