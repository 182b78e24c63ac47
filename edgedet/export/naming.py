"""Naming: the converter's file answers by the names that a manifest promises.

Converting a function loses them: its outputs are `Identity`, `Identity_1` and so on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.runtime.graph import SIGNATURE


def name_tensors(
    model,
    input_name: str,
    outputs: Sequence[str],
    order: Sequence[str],
    signature: str = SIGNATURE,
) -> None:
    """Name input and outputs, in a model's tensors and in a signature.

    Args:
        model: The `ModelT` of a .tflite with one subgraph and one input; changed in place.
        input_name: The new name of the input.
        outputs: The new names of the outputs, in the order of `model`.
        order: The same names in the order of the result.
        signature: Name of the signature.
    """
    (graph,) = model.subgraphs
    (input_index,) = map(int, graph.inputs)
    index_of = dict(zip(outputs, map(int, graph.outputs), strict=True))
    graph.outputs = np.array([index_of[name] for name in order], "int32")
    for name, index in {input_name: input_index, **index_of}.items():
        graph.tensors[index].name = name
    model.signatureDefs = [
        schema.SignatureDefT(
            inputs=[schema.TensorMapT(input_name, input_index)],
            outputs=[schema.TensorMapT(name, index_of[name]) for name in order],
            signatureKey=signature,
        )
    ]
