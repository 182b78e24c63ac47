"""Layers that do several things at once become one layer for each integer operation."""

from __future__ import annotations

from collections.abc import Iterator

from keras import activations, layers

from edgedet.networks.graph import Call, Graph, Tensor
from edgedet.networks.weighted import weighted_of
from edgedet.quantization.curves import CURVES

# Layers that merge any number of tensors, of which TFLite's operations take two.
PAIRWISE = (layers.Add, layers.Multiply, layers.Maximum, layers.Minimum)


def take_apart(graph: Graph) -> Graph:
    """Return the graph without layers that are several integer operations."""
    known = {}
    calls = []
    for call in graph.calls:
        if isinstance(call.layer, PAIRWISE) and len(call.inputs) > 2:
            calls += _pairs(call)
            continue
        if call.layer not in known:
            known[call.layer] = list(_pieces(call.layer, call.inputs[0].shape))
        calls += _chain(call, known[call.layer])
    return Graph(graph.inputs, calls, graph.outputs)


def _pairs(call) -> Iterator[Call]:
    """Yield a merge of many tensors as merges of two."""
    total, *others = call.inputs
    for number, tensor in enumerate(others[:-1], 1):
        layer = type(call.layer)(name=f"{call.layer.name}_{number}")
        both, total = [total, tensor], Tensor(call.outputs[0].shape)
        yield Call(layer, (both,), {}, (total,))
    yield Call(call.layer, ([total, others[-1]],), {}, call.outputs)


def _chain(call, pieces) -> Iterator[Call]:
    """Yield the calls of `pieces`, one after the other, in place of `call`."""
    args, kwargs, tensor = call.args, call.kwargs, call.inputs[0]
    for layer in pieces[:-1]:
        tensor = Tensor(layer.compute_output_shape(tensor.shape))
        yield Call(layer, args, kwargs, (tensor,))
        args, kwargs = (tensor,), {}
    yield Call(pieces[-1], args, kwargs, call.outputs)


def _pieces(layer, shape):
    if isinstance(layer, layers.SeparableConv2D):
        space = _space(layer, shape)
        yield space
        yield from _pieces(_mix(layer, space.compute_output_shape(shape)), None)
    elif weighted_of(layer) and layer.activation is not activations.linear:
        yield _linear(layer)
        yield from _pieces(layers.Activation(layer.activation, name=f"{layer.name}_act"), None)
    elif isinstance(layer, layers.Activation) and layer.activation in CURVES:
        yield CURVES[layer.activation](name=layer.name)
    else:
        yield layer


def _space(layer, shape):
    """Return the depthwise part of a separable convolution."""
    space = layers.DepthwiseConv2D(
        layer.kernel_size,
        layer.strides,
        layer.padding,
        layer.depth_multiplier,
        dilation_rate=layer.dilation_rate,
        use_bias=False,
        name=f"{layer.name}_depthwise",
    )
    return _filled(space, shape, layer.weights[:1])


def _mix(layer, shape):
    """Return the 1x1 part of a separable convolution."""
    mix = layers.Conv2D(
        layer.filters, 1, use_bias=layer.use_bias, activation=layer.activation, name=layer.name
    )
    return _filled(mix, shape, layer.weights[1:])


def _linear(layer):
    linear = type(layer).from_config({**layer.get_config(), "activation": "linear"})
    return _filled(linear, layer.get_build_config()["input_shape"], layer.weights)


def _filled(layer, shape, weights):
    layer.build(shape)
    layer.set_weights([weight.numpy() for weight in weights])
    return layer
