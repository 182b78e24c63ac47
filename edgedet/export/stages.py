"""Stages: the parts of a network that a device may run one by one, and over parts of an image.

The converted network is cut, not converted again: each stage is one more subgraph of the same
file, with a signature of its own, over the same tensors, weights and scales. So integers that pass
from stage to stage are those of the whole network, and a stage costs the file a list of operators.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.manifest import Stage
from edgedet.runtime.measure.inspection import operator_macs

# By subgraph, by operator: the indices of its outputs.
Parts = list[list[tuple[int, ...]]]

log = logging.getLogger(__name__)


def cut(model, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Give a model a signature for each stage, and return the stages.

    Args:
        model: The `ModelT` of a .tflite with one subgraph, whose inputs and outputs are named, and
            whose other tensors have the converter's names; changed in place.
        stages: Their inputs and outputs are names of the file, or of Keras layers; what the
            converter fused into one operation with a layer belongs to it.

    Returns:
        No stages where none are asked for, or, with a warning, where a layer is not to be found;
        the model then stays as it is.
    """
    (graph,) = model.subgraphs
    places, missing = _places(graph, stages)
    if missing:
        log.warning(
            "layer %s is not to be found in the converted network: the file gets no stages, and "
            "every frame of a video is computed in full",
            ", ".join(missing),
        )
        return ()
    for name, index in places.items():
        graph.tensors[index].name = name
    for stage in stages:
        model.subgraphs.append(_part(graph, stage, places))
        model.signatureDefs.append(_signature(stage, places, len(model.subgraphs) - 1))
    return tuple(stages)


def counted(stages: Sequence[Stage], parts: Parts, path: Path) -> tuple[Stage, ...]:
    """Return the stages of a model file with their multiplications.

    Args:
        stages: As `cut` returns them.
        parts: What `parts_of` says of the model.
        path: The model as a file.
    """
    whole, *shares = parts
    macs = dict(zip(whole, operator_macs(path), strict=True))
    return tuple(
        dataclasses.replace(stage, macs=sum(macs[outputs] for outputs in share))
        for stage, share in zip(stages, shares, strict=True)
    )


def parts_of(model) -> Parts:
    """Return the outputs of all operators: of the whole, then of each stage.

    Args:
        model: A `ModelT` that was cut, but not slimmed yet.
    """
    return [[tuple(op.outputs) for op in graph.operators] for graph in model.subgraphs]


def _places(graph, stages):
    """Return the index of each named tensor, and the names that are not there exactly once."""
    wanted = dict.fromkeys(name for stage in stages for name in (*stage.inputs, *stage.outputs))
    ends = {
        _text(graph.tensors[index].name): int(index) for index in (*graph.inputs, *graph.outputs)
    }
    computed = {
        int(index): _text(graph.tensors[index].name)
        for operator in graph.operators
        for index in operator.outputs
    }
    places, missing = {}, []
    for name in wanted:
        found = [ends[name]] if name in ends else _of_layer(name, computed)
        if len(found) == 1:
            places[name] = found[0]
        else:
            missing.append(name)
    return places, missing


def _of_layer(layer, computed):
    # A tensor is called after all operations that became one: `net/add_1/Add;net/relu_1/Relu`.
    # Keras numbers the calls of a layer, tfmot the layers, and calls them after itself.
    part = re.compile(rf"(^|[/;])(quant_)?{re.escape(layer)}(_\d+)*([/;]|$)")
    return [index for index, name in computed.items() if part.search(name)]


def _part(graph, stage, places):
    """Return a subgraph of the operators between the inputs and the outputs of a stage."""
    producers = {int(index): op for op in graph.operators for index in op.outputs}
    inputs = [places[name] for name in stage.inputs]
    outputs = [places[name] for name in stage.outputs]
    needed, waiting = set(), list(outputs)
    while waiting:
        index = waiting.pop()
        if index in producers and index not in needed and index not in inputs:
            needed.add(index)
            waiting += map(int, producers[index].inputs)
    operators = [op for op in graph.operators if needed.intersection(map(int, op.outputs))]
    return schema.SubGraphT(
        tensors=graph.tensors,
        inputs=np.array(inputs, "int32"),
        outputs=np.array(outputs, "int32"),
        operators=operators,
    )


def _signature(stage, places, subgraph):
    return schema.SignatureDefT(
        inputs=[schema.TensorMapT(name, places[name]) for name in stage.inputs],
        outputs=[schema.TensorMapT(name, places[name]) for name in stage.outputs],
        signatureKey=stage.name,
        subgraphIndex=subgraph,
    )


def _text(name):
    return name.decode() if isinstance(name, bytes) else name or ""
