"""A Keras model as an engine: it answers as an exported file does."""

import tensorflow as tf

from edgedet.runtime.engine import Engine


def keras_engine(model) -> Engine:
    """Return the engine of a Keras model.

    Args:
        model: A `Detector`; its `network` is run as in inference.
    """

    @tf.function(reduce_retracing=True)
    def forward(images):
        return model.network(tf.cast(images, tf.float32) / 255.0, training=False)

    def engine(images):
        return {name: output.numpy() for name, output in forward(images).items()}

    return engine
