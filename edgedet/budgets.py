"""Budgets: what each detector may cost, so that it fits the boards it is made for."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Budget:
    """The limits of one detector; every figure is the largest that still fits.

    Attributes:
        parameters: Weights of all parts that run on the device, batch norm folded.
        float_bytes: Size of the float32 .tflite on disk.
        int8_bytes: Size of the INT8 .tflite on disk.
        macs: Multiply-accumulates of one dense frame.
        min_parameters: Fewer is another class of detector.
    """

    parameters: int
    float_bytes: int
    int8_bytes: int
    macs: int
    min_parameters: int = 0

    def exceeded(self, facts: dict) -> list[str]:
        """Return a sentence per broken limit.

        Args:
            facts: Any of `parameters`, `float_bytes`, `int8_bytes`, `macs`; `None` means that
                it was not measured, and breaks nothing.
        """
        broken = [
            f"{name} {facts[name]:,} > {getattr(self, name):,}"
            for name in ("parameters", "float_bytes", "int8_bytes", "macs")
            if facts.get(name) is not None and facts[name] > getattr(self, name)
        ]
        parameters = facts.get("parameters")
        if parameters is not None and parameters < self.min_parameters:
            broken.append(f"parameters {parameters:,} < {self.min_parameters:,}")
        return broken


BUDGETS = {
    "nexus": Budget(
        parameters=430_000, float_bytes=1_999_999, int8_bytes=499_999, macs=200_000_000
    ),
    "phantom": Budget(parameters=126_000, float_bytes=499_999, int8_bytes=129_999, macs=30_000_000),
    "nightvision": Budget(
        parameters=490_000,
        float_bytes=2_099_999,
        int8_bytes=599_999,
        macs=250_000_000,
        min_parameters=200_000,
    ),
}

# The smaller input of NightVision's edge preset has a smaller limit of its own.
EDGE_MACS = {("nightvision", (256, 256)): 120_000_000}


def budget_of(model: str, input_size: tuple[int, int]) -> Budget | None:
    """Return the budget of a detector at an input size, or `None` for one without a budget.

    Args:
        model: Its name in the manifest.
        input_size: (height, width) of the network input.
    """
    budget = BUDGETS.get(model)
    macs = EDGE_MACS.get((model, tuple(input_size)))
    return budget if macs is None else dataclasses.replace(budget, macs=macs)
