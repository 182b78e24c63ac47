"""Heads: what a feature map says at each of its cells."""

import math

import keras
from keras import layers

from edgedet.models.blocks import separable
from edgedet.outputs import KINDS, tensor_name

# How likely a point is to be an object before anything is learned, so that the first steps are
# not spent on unlearning thousands of false objects (Lin et al. 2017, section 4.1).
PRIOR = 0.01


def dense_head(features, num_classes, width, level):
    """Return `{tensor name: output}` of the class and box branches on one level.

    Args:
        features: `[B, H, W, C]` Keras tensor.
        num_classes: Number of class logits per cell.
        width: Channels of each branch.
        level: Name of the level, such as `p3`.
    """
    classes = separable(features, width, name=f"{level}_class")
    boxes = separable(features, width, name=f"{level}_box")
    class_name, box_name = (tensor_name(level, kind) for kind in ("class_logits", "box_raw"))
    return {
        class_name: _output(classes, num_classes, prior_logit(), class_name),
        box_name: _output(boxes, KINDS["box_raw"].channels, 1.0, box_name),
    }


def prior_logit(prior=PRIOR):
    """Return the logit of the probability `prior`."""
    return -math.log((1 - prior) / prior)


def _output(features, channels, bias, name):
    return layers.Conv2D(
        channels,
        1,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        bias_initializer=keras.initializers.Constant(bias),
        name=name,
    )(features)
