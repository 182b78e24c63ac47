"""Twins: the same network in tf-keras, which is Keras 2, with the same weights.

TensorFlow's own quantization-aware training knows that one only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from keras import activations, layers, tree

from edgedet.errors import ModelError
from edgedet.networks.graph import Graph, read
from edgedet.quantization.pieces import take_apart

# Settings that both frameworks call alike; how weights begin does not matter, they are copied.
SETTINGS = (
    *("filters", "units", "kernel_size", "strides", "padding", "dilation_rate", "groups"),
    *("depth_multiplier", "use_bias", "output_padding"),
    *("axis", "momentum", "epsilon", "center", "scale"),
    *("keepdims", "pool_size", "size", "interpolation", "cropping", "target_shape", "dims", "rate"),
    "negative_slope",
)


@dataclasses.dataclass(frozen=True)
class Twin:
    """What a layer is in tf-keras.

    Attributes:
        name: Of the class there.
        settings: Beside those of `SETTINGS` that the layer has.
    """

    name: str
    settings: dict = dataclasses.field(default_factory=dict)


# Classes and their twins; subclasses follow their base. Add your own layers here.
TWINS: dict[type, Twin] = {
    getattr(layers, name): Twin(name)
    for name in (
        *("Conv2D", "DepthwiseConv2D", "Conv2DTranspose", "Dense", "BatchNormalization"),
        *("Add", "Multiply", "Concatenate"),
        *("MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "UpSampling2D"),
        *("ZeroPadding2D", "Cropping2D", "Reshape", "Flatten", "Permute", "Dropout", "Softmax"),
    )
}
# As layers of their own, which tfmot draws into the layer before them.
ACTIVATION_TWINS = {
    activations.linear: Twin("Activation", {"activation": "linear"}),
    activations.relu: Twin("ReLU"),
    activations.relu6: Twin("ReLU", {"max_value": 6.0}),
    activations.sigmoid: Twin("Activation", {"activation": "sigmoid"}),
    activations.softmax: Twin("Activation", {"activation": "softmax"}),
    activations.tanh: Twin("Activation", {"activation": "tanh"}),
}


def twin_of(network):
    """Return the tf-keras network that answers as `network` does, and the outputs' structure.

    Args:
        network: A functional Keras 3 network; it is not changed.

    Returns:
        A `tf_keras.Model` from one input to a list of outputs, and the structure of Keras's
        outputs filled with their places in that list.

    Raises:
        ModelError: The network is not functional, or a layer has no twin; it is named.
        ImportError: tf-keras is not installed.
    """
    import tf_keras

    graph = take_apart(read(network))
    made, values = {}, {}
    inputs = [
        tf_keras.Input(batch_shape=tensor.shape, name=tensor.name)
        for tensor in tree.flatten(graph.inputs)
    ]
    values.update(zip(tree.flatten(graph.inputs), inputs, strict=True))
    for call in graph.calls:
        if call.layer not in made:
            made[call.layer] = _make(tf_keras.layers, call.layer, len(made))
        given = [values[tensor] for tensor in call.inputs]
        result = made[call.layer](given if len(given) > 1 else given[0])
        values.update(zip(call.outputs, tree.flatten(result), strict=True))
    outputs = tree.flatten(graph.outputs)
    twin = tf_keras.Model(inputs, [values[tensor] for tensor in outputs], name=network.name)
    for source, layer in made.items():
        layer.set_weights(source.get_weights())
    return twin, _places(graph)


def copy_back(twin, network, value_of: Callable = np.asarray) -> None:
    """Give a network the weights of its twin.

    Args:
        twin: Made of `network`, or of one like it, by `twin_of`.
        network: Gets the weights.
        value_of: `value_of(variable)` returns the array to give for a variable of the twin.
    """
    pieces = dict.fromkeys(call.layer for call in take_apart(read(network)).calls)
    names = [_name(piece, number) for number, piece in enumerate(pieces)]
    values = [value_of(variable) for name in names for variable in twin.get_layer(name).weights]
    # The pieces of a layer have its weights in their order.
    layers_of_it = dict.fromkeys(call.layer for call in read(network).calls)
    weights = [weight for layer in layers_of_it for weight in getattr(layer, "weights", ())]
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)


def _make(twins, layer, number):
    twin = _twin(layer)
    config = layer.get_config()
    known = {name: config[name] for name in SETTINGS if name in config}
    make = getattr(twins, twin.name)
    if twin.name == "Activation":
        known = {}
    return make(**{**known, **twin.settings}, name=_name(layer, number))


def _name(layer, number):
    # Pieces of a layer may share its name.
    return f"{layer.name}_{number}"


def _twin(layer) -> Twin:
    if isinstance(layer, layers.Activation) and layer.activation in ACTIVATION_TWINS:
        return ACTIVATION_TWINS[layer.activation]
    for base in type(layer).__mro__:
        if base in TWINS:
            return TWINS[base]
    raise ModelError(
        f"Layer {layer.name!r} ({type(layer).__name__}): tf-keras has no such layer that tfmot "
        "quantizes.\nUse --qat-engine edgedet, or replace it by standard layers."
    )


def _places(graph: Graph):
    places = iter(range(len(tree.flatten(graph.outputs))))
    return tree.map_structure(lambda _: next(places), graph.outputs)
