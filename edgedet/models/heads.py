"""Heads: what a feature map says at each of its cells."""

import math

import keras
from keras import layers

from edgedet.models.blocks import ACTIVATION, separable
from edgedet.outputs import BOX, CLASS, KINDS, LOG_VARIANCE, OBJECTNESS, QUALITY, tensor_name

# How likely a point is to be an object before anything is learned, so that the first steps are
# not spent on unlearning thousands of false objects (Lin et al. 2017, section 4.1).
PRIOR = 0.01


def prior_logit(prior=PRIOR):
    """Return the logit of the probability `prior`."""
    return -math.log((1 - prior) / prior)


# What an output says before anything is learned. Where objectness multiplies the score, it
# carries the prior too: it is learned at every point, as classes are.
START = {
    CLASS: prior_logit(),
    OBJECTNESS: prior_logit(),
    BOX: 1.0,
    QUALITY: 0.0,
    LOG_VARIANCE: 0.0,
}


def dense_head(
    features, num_classes, width, level, kinds=("class_logits", "box_raw"), activation=ACTIVATION
):
    """Return `{tensor name: output}` of the class and box branches on one level.

    Classes have a branch of their own; boxes share theirs with all that is said about them.

    Args:
        features: `[B, H, W, C]` Keras tensor.
        num_classes: Number of class logits per cell.
        width: Channels of each branch.
        level: Name of the level, such as `p3`.
        kinds: What is said about each cell, some of `outputs.KINDS`.
        activation: Of the branches.
    """
    branches = {
        CLASS: separable(features, width, activation=activation, name=f"{level}_class"),
        BOX: separable(features, width, activation=activation, name=f"{level}_box"),
    }
    outputs = {}
    for kind in map(KINDS.get, kinds):
        branch = branches[CLASS if kind.role == CLASS else BOX]
        name = tensor_name(level, kind.name)
        outputs[name] = _output(branch, kind.channels or num_classes, START[kind.role], name)
    return outputs


def head_names(level, kinds) -> tuple[str, ...]:
    """Return the names of the outputs that say `kinds` on one level."""
    return tuple(tensor_name(level, kind) for kind in kinds)


def _output(features, channels, bias, name):
    return layers.Conv2D(
        channels,
        1,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        bias_initializer=keras.initializers.Constant(bias),
        name=name,
    )(features)
