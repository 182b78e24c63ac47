"""Fusion: what the "where" pathway adds to the "what" pathway, channel by channel.

Both say the same channels at the same cells; a gate between 0 and 1 for each channel decides how
much of "where" is added. The forms differ in what a gate looks at. Gates from a summary of the
image are squeeze-and-excitation (Hu et al. 2018, https://arxiv.org/abs/1709.01507).
"""

import keras
from keras import layers, ops

from edgedet.models.blocks import ACTIVATION, conv

# Channels of the summary that gates by context look at.
SUMMARY = 32


@keras.saving.register_keras_serializable(package="edgedet")
class ConstantGate(layers.Layer):
    """Multiplies each channel by a learned number between 0 and 1, the same for every image."""

    def build(self, input_shape):
        self.logits = self.add_weight((input_shape[-1],), initializer="zeros", name="logits")

    def gate(self):
        """Return the learned numbers, `[C]`."""
        return ops.sigmoid(self.logits)

    def call(self, inputs):
        return inputs * self.gate()


def summarize(features, *, name):
    """Return what an image holds as a whole, `[B, 1, 1, SUMMARY]`.

    Args:
        features: `[B, H, W, C]` Keras tensor, the most abstract there is.
        name: Prefix of the layers' names.
    """
    # Without a norm: there is only one cell in an image to take statistics from.
    mean = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(features)
    mixed = layers.Conv2D(SUMMARY, 1, name=f"{name}_conv")(mean)
    return layers.Activation(ACTIVATION, name=f"{name}_act")(mixed)


def by_context(what, where, summary, *, name):
    """Fuse by gates that look at a summary of the whole image.

    Args:
        what: `[B, H, W, C]` Keras tensor, linear.
        where: Likewise.
        summary: Of the image; see `summarize`.
        name: Prefix of the layers' names.
    """
    return _add_gated(what, where, _gate(summary, where.shape[-1], name), name)


def by_place(what, where, summary, *, name):
    """Fuse by gates of each cell's own, that look at both pathways there; see `by_context`."""
    both = layers.Add(name=f"{name}_both")([what, where])
    return _add_gated(what, where, _gate(both, where.shape[-1], name), name)


def by_constant(what, where, summary, *, name):
    """Fuse by gates that are the same for every image; see `by_context`."""
    return _add(what, ConstantGate(name=f"{name}_gate")(where), name)


def by_mixing(what, where, summary, *, name):
    """Fuse by a 1x1 convolution over the channels of both, without gates; see `by_context`."""
    both = layers.Concatenate(name=f"{name}_both")([what, where])
    return conv(both, what.shape[-1], 1, name=f"{name}_mix")


# By the name that a model is told.
FUSIONS = {
    "context": by_context,
    "place": by_place,
    "constant": by_constant,
    "mixing": by_mixing,
}


def _gate(features, channels, name):
    logits = layers.Conv2D(channels, 1, name=f"{name}_gate_conv")(features)
    return layers.Activation("sigmoid", name=f"{name}_gate")(logits)


def _add_gated(what, where, gate, name):
    return _add(what, layers.Multiply(name=f"{name}_gated")([where, gate]), name)


def _add(what, where, name):
    added = layers.Add(name=f"{name}_add")([what, where])
    return layers.Activation(ACTIVATION, name=f"{name}_fused")(added)
