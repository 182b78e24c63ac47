"""Where the classes of a model and of a data set meet: by name, whatever the spelling."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from edgedet.data.sets.class_names import canonical, new_labels
from edgedet.errors import DataError


@dataclasses.dataclass(frozen=True)
class ClassMap:
    """The classes that are evaluated, and what the two sides call them.

    Attributes:
        names: Name of each evaluated label, in the model's spelling.
        from_model: int32 `[C]`, the model's label -> the evaluated label, or -1.
        from_data: int32 `[C']`, the data's label -> the evaluated label, or -1.
    """

    names: tuple[str, ...]
    from_model: np.ndarray
    from_data: np.ndarray


def meet(
    model_names: Sequence[str], data_names: Sequence[str], chosen: Sequence[str] = ()
) -> ClassMap:
    """Return the classes to evaluate: those of the model, or those of them that are chosen.

    Args:
        model_names: What the model can say.
        data_names: What the data labels; what the model lacks is left out, what only the model
            knows stays, without ground truth.
        chosen: Names to evaluate; none means all.

    Raises:
        DataError: No class is left that both know, or a chosen name is known to neither.
    """
    in_model = [canonical(name) for name in model_names]
    in_data = [canonical(name) for name in data_names]
    wanted = [canonical(name) for name in chosen] or in_model
    unknown = [name for name in chosen if canonical(name) not in {*in_model, *in_data}]
    names = tuple(name for name in model_names if canonical(name) in wanted)
    if unknown or not {canonical(name) for name in names} & set(in_data):
        raise DataError(
            f"Expected classes that model and data share, found none for "
            f"{', '.join(unknown or chosen or model_names)}.\n"
            f"The model knows {_listed(model_names)}; the data labels {_listed(data_names)}."
        )
    return ClassMap(names, new_labels(model_names, names), new_labels(data_names, names))


def _listed(names):
    return ", ".join(names) or "nothing"
