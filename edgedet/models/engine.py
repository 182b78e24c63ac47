"""A Keras model as an engine: it answers as an exported file does."""

import tensorflow as tf


def keras_engine(model):
    """Return a function from uint8 images `[B, h, w, bands]` to `{tensor name: float32 array}`.

    Args:
        model: A `Detector`; its `network` is run as in inference.
    """

    @tf.function(reduce_retracing=True)
    def forward(images):
        return model.network(tf.cast(images, tf.float32) / 255.0, training=False)

    def engine(images):
        return {name: output.numpy() for name, output in forward(images).items()}

    return engine
