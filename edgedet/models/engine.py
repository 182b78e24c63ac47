"""A Keras model as an engine: it answers as an exported file does."""

import tensorflow as tf

from edgedet.runtime.engine import Engine


def keras_engine(model) -> Engine:
    """Return the engine of a Keras model.

    Args:
        model: A `Detector`; its `network` is run as in inference.
    """

    def forward(images):
        return model.network(tf.cast(images, tf.float32) / 255.0, training=False)

    # Traced once and for all: TensorFlow warns of functions that it traces for model after model.
    size = model.network.input_shape[1:]
    traced = tf.function(forward).get_concrete_function(tf.TensorSpec((None, *size), tf.uint8))

    def engine(images):
        outputs = traced(tf.constant(images, tf.uint8))
        return {name: output.numpy() for name, output in outputs.items()}

    return engine
