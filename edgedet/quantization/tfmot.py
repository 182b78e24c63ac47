"""TensorFlow's own quantization-aware training, as a second opinion.

tensorflow-model-optimization knows tf-keras only, so a twin of the network is what learns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import keras

from edgedet.errors import ModelError
from edgedet.quantization.twin import twin_of
from edgedet.quantization.twin_network import TwinNetwork, through, wanted


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
