"""Saturation: values that a bounded activation makes equal need not be told apart.

In a residual block x + branch, cut to 0..6, with x itself in 0..6, a branch below -6 means 0 and
one above 6 means 6, however far. Its 256 steps are better spent between.
"""

from __future__ import annotations

from keras import activations, layers
from keras.src import ops

from edgedet.networks.graph import Graph, Tensor

BOUND = 6.0


def useful_ranges(graph: Graph) -> dict[Tensor, tuple[float, float]]:
    """Return the (low, high) of tensors beyond which they change nothing.

    Args:
        graph: A network.
    """
    uses = graph.uses()
    bounded = {out for call in graph.calls if _is_relu6(call.layer) for out in call.outputs}
    cut = {call.inputs[0] for call in graph.calls if _is_relu6(call.layer)}
    useful = {}
    for call in graph.calls:
        if not isinstance(call.layer, (layers.Add, ops.numpy.Add)) or len(call.inputs) != 2:
            continue
        (total,) = call.outputs
        if total not in cut or uses[total] != 1:
            continue
        for one, other in (call.inputs, call.inputs[::-1]):
            if other in bounded and uses[one] == 1:
                useful[one] = (-BOUND, BOUND)
    return useful


def _is_relu6(layer):
    if isinstance(layer, layers.Activation):
        return layer.activation is activations.relu6
    if isinstance(layer, layers.ReLU):
        return (layer.max_value, layer.negative_slope, layer.threshold) == (BOUND, 0, 0)
    return isinstance(layer, ops.nn.Relu6)
