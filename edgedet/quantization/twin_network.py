"""A twin at work: packed into one Keras 3 layer, so that everything around it stays as it is."""

from __future__ import annotations

import contextlib

import keras
from keras import tree

from edgedet.errors import MissingExtraError


class TwinNetwork(keras.layers.Layer):
    """A tf-keras network as a Keras 3 layer, with its weights as its own.

    Args:
        twin: A `tf_keras.Model` from one input to a list of outputs.
        places: The structure that is returned, filled with places in that list.
        rounds: Whether it computes as INT8 does; see `ActivationRange`.
        variables: Those that are its weights; all of the twin's by default.
        **kwargs: Keras's own.
    """

    def __init__(self, twin, places, rounds=True, variables=None, **kwargs):
        super().__init__(**kwargs)
        self.twin = twin
        self.places = places
        self.rounds = rounds
        trainable = {id(variable) for variable in twin.trainable_weights}
        for variable in twin.weights if variables is None else variables:
            self._adopt(variable, id(variable) in trainable)

    def _adopt(self, variable, trainable):
        weight = self.add_weight(
            shape=variable.shape,
            dtype=variable.dtype.name,
            trainable=trainable,
            initializer="zeros",
            name=variable.name.removesuffix(":0").replace("/", "_"),
        )
        # Both frameworks hold the same TensorFlow variable: what one assigns, the other sees.
        weight._value = variable

    def call(self, inputs, training=None):
        outputs = tree.flatten(self.twin(inputs, training=bool(training)))
        return tree.map_structure(lambda place: outputs[place], self.places)


def through(layer: keras.layers.Layer, network) -> keras.Model:
    """Return a network with the inputs of another one, which is nothing but a layer."""
    images = keras.Input(batch_shape=network.inputs[0].shape, name=network.inputs[0].name)
    return keras.Model(images, layer(images), name=network.name)


@contextlib.contextmanager
def wanted():
    """Say what to install where tfmot is missing while the block runs."""
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(
            f"The engine tfmot needs packages that are not installed ({error}).\n"
            "pip install 'edgedet[tfmot]'"
        ) from error
