"""A Keras model as an engine: it answers as an exported file does."""

import functools

import tensorflow as tf

from edgedet.quantization import settled
from edgedet.runtime.engine import Engine


def keras_engine(model, learns: bool = True) -> Engine:
    """Return the engine of a Keras model.

    Args:
        model: A `Detector`; its `network` is run as in inference.
        learns: Whether its weights may change, and what the engine answers with them. If not, a
            network by `quantize_aware` is traced in a fifth of the time.
    """
    network = model.network
    answer = functools.partial(network, training=False) if learns else settled(network)

    def forward(images):
        return answer(tf.cast(images, tf.float32) / 255.0)

    # Traced once and for all: TensorFlow warns of functions that it traces for model after model.
    size = network.input_shape[1:]
    traced = tf.function(forward).get_concrete_function(tf.TensorSpec((None, *size), tf.uint8))

    def engine(images):
        outputs = traced(tf.constant(images, tf.uint8))
        return {name: output.numpy() for name, output in outputs.items()}

    return engine
