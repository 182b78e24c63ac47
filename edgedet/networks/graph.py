"""A functional network as a list of calls, which can be changed and put together again."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator

import keras
from keras import tree

from edgedet.errors import ModelError


@dataclasses.dataclass(frozen=True, eq=False)
class Tensor:
    """What flows between two calls; each is only equal to itself.

    Attributes:
        shape: With `None` for the batch.
        name: Of the input, where it is one.
    """

    shape: tuple[int | None, ...]
    name: str | None = None


@dataclasses.dataclass(frozen=True)
class Call:
    """One use of a layer.

    Attributes:
        layer: A Keras layer or operation.
        args: What it is called with, a structure that holds `Tensor`s.
        kwargs: The same by name.
        outputs: What it returns, flat.
    """

    layer: keras.Operation
    args: tuple
    kwargs: dict
    outputs: tuple[Tensor, ...]

    @property
    def inputs(self) -> list[Tensor]:
        """The tensors among its arguments."""
        return [leaf for leaf in tree.flatten((self.args, self.kwargs)) if isinstance(leaf, Tensor)]

    def computed(self, values: dict, layer: Callable | None = None) -> list:
        """Return what it gives in inference, flat, whatever `training` it was recorded with.

        Args:
            values: For all its tensors, what they are.
            layer: What is called in place of the layer.
        """
        args, kwargs = self.filled(values)
        if "training" in getattr(self.layer, "_call_context_args", {}):
            kwargs = {**kwargs, "training": False}
        return tree.flatten((layer or self.layer)(*args, **kwargs))

    def filled(self, values: dict) -> tuple[tuple, dict]:
        """Return its arguments with other things in place of tensors, where `values` has some."""
        return tree.map_structure(
            lambda leaf: values.get(leaf, leaf) if isinstance(leaf, Tensor) else leaf,
            (self.args, self.kwargs),
        )


@dataclasses.dataclass(frozen=True)
class Graph:
    """A network.

    Attributes:
        inputs: A structure of tensors, as the network takes it.
        calls: Each after those that it depends on.
        outputs: A structure of tensors, as the network returns it.
    """

    inputs: object
    calls: list[Call]
    outputs: object

    def uses(self) -> Counter:
        """Return how often each tensor is used, as an input of a call or as an output."""
        used = [tensor for call in self.calls for tensor in call.inputs]
        return Counter([*used, *tree.flatten(self.outputs)])


def read(network) -> Graph:
    """Return the calls of a network; networks inside it are opened.

    Raises:
        ModelError: It is not a functional network.
    """
    function = _function(network)
    tensors = {
        id(tensor): Tensor(tensor.shape, tensor._keras_history.operation.name)
        for tensor in function.inputs
    }
    calls = list(_calls(function, tensors))

    def stand_in(tensor):
        return tensors[id(tensor)]

    inputs, outputs = tree.map_structure(stand_in, (function.input, function.output))
    return Graph(inputs, calls, outputs)


def put_together(graph: Graph, layer_of: Callable, name: str, passed: Callable | None = None):
    """Return a network that computes what a graph says.

    Args:
        graph: The calls.
        layer_of: `layer_of(layer)` returns what is called in place of a layer.
        name: Of the network.
        passed: `passed(tensor, value)` returns what is passed on in place of what a call returned,
            or of an input of the network.
    """
    values = {}

    def give(tensors, results):
        for tensor, value in zip(tree.flatten(tensors), tree.flatten(results), strict=True):
            values[tensor] = passed(tensor, value) if passed else value

    inputs = tree.map_structure(_input, graph.inputs)
    give(graph.inputs, inputs)
    for call in graph.calls:
        args, kwargs = call.filled(values)
        give(call.outputs, layer_of(call.layer)(*args, **kwargs))
    return keras.Model(inputs, tree.map_structure(values.get, graph.outputs), name=name)


def _input(tensor):
    return keras.Input(batch_shape=tensor.shape, name=tensor.name)


def _function(network):
    if isinstance(network, keras.Sequential) and network.built:
        return keras.Model(network.inputs, network.outputs, name=network.name)
    if not isinstance(network, keras.Function):
        raise ModelError(
            f"Expected a functional Keras network, found the {type(network).__name__} "
            f"{network.name!r}.\nGive `keras.Model(inputs, outputs)` of its layers, or a "
            "Sequential that knows its input shape."
        )
    return network


def _calls(function, tensors) -> Iterator[Call]:
    """Yield the calls inside a network; `tensors` holds what stands for each Keras tensor."""
    for node in _nodes(function):
        args, kwargs = tree.map_structure(
            lambda leaf: tensors[id(leaf)] if isinstance(leaf, keras.KerasTensor) else leaf,
            (node.arguments.args, node.arguments.kwargs),
        )
        outputs = [Tensor(tensor.shape) for tensor in node.outputs]
        call = Call(node.operation, args, kwargs, tuple(outputs))
        if isinstance(node.operation, (keras.Function, keras.Sequential)):
            inner = _function(node.operation)
            inside = dict(zip(map(id, inner.inputs), call.inputs, strict=True))
            yield from (_as_outside(each, kwargs) for each in _calls(inner, inside))
            outputs = [inside[id(tensor)] for tensor in inner.outputs]
        else:
            yield call
        tensors.update(zip(map(id, node.outputs), outputs, strict=True))


def _as_outside(call, kwargs) -> Call:
    """Return a call inside a network that was itself called with `kwargs`."""
    if kwargs.get("training") is False and isinstance(call.layer, keras.layers.BatchNormalization):
        return dataclasses.replace(call, kwargs={**call.kwargs, "training": False})
    return call


def _nodes(function):
    # The order in which Keras itself runs a network.
    for depth in sorted(function._nodes_by_depth, reverse=True):
        yield from (node for node in function._nodes_by_depth[depth] if not node.is_input)
