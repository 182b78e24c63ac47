"""Folding: a layer with weights and the batch normalization behind it become one operation."""

from __future__ import annotations

import dataclasses

import keras
from keras import layers

from edgedet.errors import ModelError
from edgedet.networks.graph import Call, Graph
from edgedet.networks.weighted import weighted_of


@dataclasses.dataclass(frozen=True)
class Folded:
    """What becomes one integer operation.

    Attributes:
        layer: Has weights and no activation.
        norm: The batch normalization behind it, or `None`.
        frozen: The network itself normalizes by running statistics, also in training.
    """

    layer: keras.Layer
    norm: layers.BatchNormalization | None = None
    frozen: bool = True

    @property
    def name(self) -> str:
        """The name of the layer."""
        return self.layer.name


def fold(graph: Graph) -> Graph:
    """Return the graph with `Folded` in place of weights and of batch normalization.

    A layer that is used twice stays one, unless each use is normalized by another layer: then
    the folded weights differ, and the file holds both.

    Raises:
        ModelError: A batch normalization is not over the last axis.
    """
    uses = graph.uses()
    # By the tensor that they normalize.
    norms = {call.inputs[0]: call for call in graph.calls if _is_norm(call.layer)}
    behind = {
        call.outputs[0]: norms[call.outputs[0]]
        for call in graph.calls
        if weighted_of(call.layer) and call.outputs[0] in norms and uses[call.outputs[0]] == 1
    }
    calls = []
    for call in graph.calls:
        if weighted_of(call.layer):
            calls.append(_folded(call, behind.get(call.outputs[0])))
        elif not _is_norm(call.layer):
            calls.append(call)
        elif call.inputs[0] not in behind:
            calls.append(_folded(_alone(call), call))
    return Graph(graph.inputs, calls, graph.outputs)


def _folded(call, norm_call):
    if norm_call is None:
        return dataclasses.replace(call, layer=Folded(call.layer))
    norm = norm_call.layer
    if norm.axis not in (-1, len(call.outputs[0].shape) - 1):
        raise ModelError(
            f"Layer {norm.name!r}: expected a batch normalization over the last axis, found "
            f"axis {norm.axis}.\nUse channels last, as TFLite does."
        )
    frozen = norm_call.kwargs.get("training") is False
    return Call(Folded(call.layer, norm, frozen), call.args, {}, norm_call.outputs)


def _alone(norm_call):
    """Return the call of a 1x1 depthwise convolution that changes nothing, to fold into."""
    shape = norm_call.inputs[0].shape
    if len(shape) != 4:
        raise ModelError(
            f"Layer {norm_call.layer.name!r}: expected a batch normalization of images or behind "
            f"a layer with weights, found one of shape {list(shape)}.\n"
            "Put it directly behind a convolution or a dense layer."
        )
    same = layers.DepthwiseConv2D(
        1, use_bias=False, depthwise_initializer="ones", trainable=False, name=norm_call.layer.name
    )
    same.build(shape)
    return dataclasses.replace(norm_call, layer=same)


def _is_norm(layer):
    return isinstance(layer, layers.BatchNormalization)
