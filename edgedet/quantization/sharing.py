"""Which tensors are rounded, and which of them share a range."""

from __future__ import annotations

import dataclasses

from keras import layers, tree
from keras.src import ops

from edgedet.networks.graph import Graph, Tensor
from edgedet.quantization.folding import Folded
from edgedet.quantization.rule import AVERAGES
from edgedet.quantization.rules import is_fused, rule_of
from edgedet.quantization.saturation import useful_ranges

# Operations without weights into which TFLite draws an activation that follows.
FUSING = (
    layers.Add,
    layers.Subtract,
    layers.Multiply,
    ops.numpy.Add,
    ops.numpy.Subtract,
    ops.numpy.Multiply,
)
# The same, but what they are given and what leaves the activation have one range.
POOLING = (layers.AveragePooling2D, layers.MaxPooling2D)


@dataclasses.dataclass(frozen=True, eq=False)
class Group:
    """Tensors that share a range.

    Attributes:
        name: Of the layer that makes the first of them.
        fixed: Their range (low, high) where it is known.
        rounded: Those that are rounded to it; the others lie on the grid already.
        limits: What their range need not exceed, (low, high), or `None`.
    """

    name: str
    fixed: tuple[float, float] | None
    rounded: list[Tensor] = dataclasses.field(default_factory=list)
    limits: tuple[float, float] | None = None


def share_ranges(graph: Graph, input_range) -> list[Group]:
    """Return the ranges of the tensors of a network.

    Args:
        graph: A folded network.
        input_range: (low, high) of its inputs, or `None` if it is to be observed.

    Raises:
        ModelError: The rule of a layer is not known.
    """
    fused = _fused(graph, _draws_in)
    pooled = _fused(graph, lambda layer: isinstance(layer, POOLING))
    groups = {
        tensor: Group(tensor.name, input_range, [tensor]) for tensor in tree.flatten(graph.inputs)
    }
    for call in graph.calls:
        rule = AVERAGES if pooled & set(call.inputs) else rule_of(call.layer)
        group = Group(call.layer.name, rule.fixed)
        rounds = rule.rounds
        if rule.shared:
            group, meets = _common(call, groups)
            rounds = rounds or meets
        groups |= dict.fromkeys(call.outputs, group)
        if rounds:
            group.rounded.extend(out for out in call.outputs if out not in fused | pooled)
    useful = useful_ranges(graph)
    return [
        dataclasses.replace(group, limits=_limits(group, useful))
        for group in dict.fromkeys(groups.values())
        if group.rounded
    ]


def _limits(group, useful):
    # Others in the group may need more.
    alone = group.fixed is None and len(group.rounded) == 1
    return useful.get(group.rounded[0]) if alone else None


def _fused(graph, draws_in) -> set[Tensor]:
    """Return the tensors between what `draws_in` and the activation that is drawn in."""
    uses = graph.uses()
    made = {out for call in graph.calls if draws_in(call.layer) for out in call.outputs}
    taken = {call.inputs[0] for call in graph.calls if is_fused(call.layer)}
    return {tensor for tensor in made & taken if uses[tensor] == 1}


def _draws_in(layer) -> bool:
    """Return whether TFLite computes an activation behind `layer` within its operation."""
    if isinstance(layer, Folded):
        # TRANSPOSE_CONV does so only where there is a bias, which may turn out to be zero.
        return not isinstance(layer.layer, layers.Conv2DTranspose)
    return isinstance(layer, FUSING)


def _common(call, groups) -> tuple[Group, bool]:
    """Return the group of a call's outputs, and whether they must be rounded to its range.

    Inputs come into one group. Only what has a fixed range cannot follow others: it is rounded
    once more where they meet, and so the outputs are.
    """
    inputs = list(dict.fromkeys(groups[tensor] for tensor in call.inputs))
    if len(inputs) == 1:
        return inputs[0], False
    parts = [group for group in inputs if group.fixed is None]
    rounded = [tensor for part in parts for tensor in part.rounded]
    merged = Group(call.layer.name, None, rounded)
    for tensor, group in groups.items():
        if group in parts:
            groups[tensor] = merged
    return merged, len(parts) < len(inputs)
