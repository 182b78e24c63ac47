"""Footprint: what one detector costs a board, measured on its files."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path

from edgedet.budgets import BUDGETS, Budget, budget_of
from edgedet.errors import ModelError
from edgedet.manifest import Manifest
from edgedet.runtime.measure.arena import arena_bytes
from edgedet.runtime.measure.boards import unsupported
from edgedet.runtime.measure.inspection import inspect

# Files of one model differ in this end of their names: phantom-128-int8, phantom-128-float.
PRECISION_SUFFIX = re.compile(r"-(int8|int16|float16|float)$")


@dataclasses.dataclass(frozen=True)
class Footprint:
    """One detector in all its precisions, against its budget.

    Attributes:
        model: Name that its files share.
        parameters: Learned numbers; batch norm is folded.
        float_bytes: Size of the float32 file, or `None` without one.
        int8_bytes: Size of the INT8 file, or `None` without one.
        arena_bytes: Working memory of the INT8 file on a microcontroller, or `None` where it
            cannot be measured.
        macs: Multiply-accumulates of one dense frame.
        integer_only: The INT8 file computes nothing in floats, or `None` without one.
        unsupported: For each family of boards the operators of the INT8 file that it lacks;
            empty without one.
        budget: The limits.
    """

    model: str
    parameters: int
    float_bytes: int | None
    int8_bytes: int | None
    arena_bytes: int | None
    macs: int
    integer_only: bool | None
    unsupported: dict[str, list[str]]
    budget: Budget

    @property
    def broken(self) -> list[str]:
        """A sentence per limit that is broken."""
        return self.budget.exceeded(dataclasses.asdict(self))


def footprints(paths: Iterable[Path]) -> list[Footprint]:
    """Return one footprint per model; its files are known by their names.

    Args:
        paths: .tflite files, `<model>-int8.tflite` beside `<model>-float.tflite`.

    Raises:
        ManifestError: A file is missing or carries no manifest.
        ModelError: A file cannot be read or does not fit its manifest, or its detector has no
            budget.
    """
    groups: dict[Path, list[Path]] = {}
    for path in map(Path, paths):
        shared_name = PRECISION_SUFFIX.sub("", path.stem)
        groups.setdefault(path.parent / shared_name, []).append(path)
    return [_measure(shared.name, files) for shared, files in groups.items()]


def _measure(name, paths) -> Footprint:
    manifests = {path: Manifest.read(path) for path in paths}
    facts = {path: inspect(path, manifest) for path, manifest in manifests.items()}
    by_precision = {manifest.precision: path for path, manifest in manifests.items()}
    sizes = {precision: facts[path].file_bytes for precision, path in by_precision.items()}
    int8 = by_precision.get("int8")
    return Footprint(
        model=name,
        # Rounding to INT8 may drop a bias that is zero everywhere.
        parameters=max(fact.parameters for fact in facts.values()),
        float_bytes=sizes.get("float"),
        int8_bytes=sizes.get("int8"),
        arena_bytes=None if int8 is None else arena_bytes(int8),
        macs=max(fact.macs for fact in facts.values()),
        integer_only=None if int8 is None else facts[int8].integer_only,
        unsupported={} if int8 is None else unsupported(facts[int8].operators),
        budget=_budget(*next(iter(manifests.items()))),
    )


def _budget(path, manifest) -> Budget:
    budget = budget_of(manifest.model, manifest.input_size)
    if budget is None:
        raise ModelError(
            f"{path}: there is no budget for a {manifest.model!r}, only for "
            f"{', '.join(BUDGETS)}.\nLook at its costs with `edgedet info`."
        )
    return budget
