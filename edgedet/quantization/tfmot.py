"""TensorFlow's own quantization-aware training, as a second opinion.

tensorflow-model-optimization knows tf-keras only, so a twin of the network is what learns; it is
packed into one Keras 3 layer, and everything around it stays as it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import keras
from keras import tree

from edgedet.errors import MissingExtraError, ModelError
from edgedet.quantization.twin import twin_of


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


def quantize_by_tfmot(network, batches: Iterable) -> keras.Model:
    """Return a network that computes in floats what INT8 does, as tfmot has it.

    Args:
        network: A functional Keras network; it is not changed.
        batches: Inputs that set the ranges before training. tfmot's own begin at -6..6 and
            forget that by a thousandth a step, which takes longer than most fine-tunings.

    Returns:
        A functional Keras network with the same inputs and outputs.

    Raises:
        MissingExtraError: tfmot is not installed.
        ModelError: tfmot does not know how to quantize a layer.
    """
    with wanted():
        import tensorflow_model_optimization as tfmot

        twin, places = twin_of(network)
    made = _quantized(tfmot.quantization.keras, twin)
    _observe(made, batches)
    return through(TwinNetwork(made, places, name="twin"), network)


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


def _quantized(quantization, twin):
    from tensorflow_model_optimization.python.core.quantization.keras.default_8bit import (
        default_8bit_quantize_configs as configs,
    )

    def annotated(layer):
        # tfmot has no rule for it; a range of its output is all that it needs.
        if type(layer).__name__ == "Multiply":
            config = configs.Default8BitOutputQuantizeConfig()
            return quantization.quantize_annotate_layer(layer, config)
        return layer

    import tf_keras

    known = tf_keras.models.clone_model(twin, clone_function=annotated)
    known.set_weights(twin.get_weights())
    with quantization.quantize_scope(
        {"Default8BitOutputQuantizeConfig": configs.Default8BitOutputQuantizeConfig}
    ):
        try:
            return quantization.quantize_apply(quantization.quantize_annotate_model(known))
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"Network {twin.name!r}: tfmot cannot quantize it ({error}).\n"
                "Use --qat-engine edgedet."
            ) from error


def _observe(made, batches) -> None:
    """Set the ranges to their means over some batches; nothing else changes."""
    before = [(variable, variable.numpy()) for variable in made.weights]
    for number, batch in enumerate(batches):
        with _momentum(number / (number + 1)):
            made(batch, training=True)
    for variable, value in before:
        if not variable.name.endswith(("min:0", "max:0")):
            variable.assign(value)


@contextlib.contextmanager
def _momentum(momentum):
    """Let moving averages of ranges have another momentum than tfmot's .999."""
    from tensorflow_model_optimization.python.core.quantization.keras import quant_ops

    quantize = quant_ops.MovingAvgQuantize
    quant_ops.MovingAvgQuantize = lambda *args, **options: quantize(
        *args, **{**options, "ema_decay": momentum}
    )
    try:
        yield
    finally:
        quant_ops.MovingAvgQuantize = quantize
