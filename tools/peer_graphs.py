"""Graphs of the sizes that peers have, built from layers; with random weights, for speed alone."""

import keras
from keras import layers

CLASSES = 20


def ssdlite(input_size=(320, 320), alpha=0.35, anchors=6):
    """Return SSDLite on MobileNetV2 (Sandler et al. 2018, https://arxiv.org/abs/1801.04381)."""
    backbone = keras.applications.MobileNetV2(
        input_shape=(*input_size, 3), alpha=alpha, include_top=False, weights=None
    )
    features = [backbone.get_layer(name).output for name in ("block_13_expand_relu", "out_relu")]
    for width in (512, 256, 256, 128):
        narrow = unit(features[-1], width // 2, 1)
        features.append(unit(depthwise(narrow, 2), width, 1))
    outputs = {}
    for level, feature in enumerate(features):
        for kind, size in (("classes", CLASSES + 1), ("boxes", 4)):
            outputs[f"{kind}{level}"] = layers.Conv2D(anchors * size, 1)(depthwise(feature))
    return keras.Model(backbone.input, outputs, name="ssdlite_mobilenet_v2_035")


def nanodet(input_size=(320, 320), widths=(24, 116, 232, 464), neck=96, bins=8):
    """Return a graph like NanoDet-m: a path aggregation without convolutions, and light heads.

    Its backbone is ShuffleNetV2 (Ma et al. 2018, https://arxiv.org/abs/1807.11164).
    """
    images = keras.Input((*input_size, 3))
    feature = layers.MaxPooling2D(3, 2, "same")(unit(images, widths[0], 3, 2))
    levels = []
    for width, repeats in zip(widths[1:], (4, 8, 4), strict=True):
        feature = halving(feature, width)
        for _ in range(repeats - 1):
            feature = shuffled(feature)
        levels.append(feature)
    fine, middle, coarse = (unit(level, neck, 1) for level in levels)
    middle = layers.Add()([middle, layers.UpSampling2D(interpolation="nearest")(coarse)])
    fine = layers.Add()([fine, layers.UpSampling2D(interpolation="nearest")(middle)])
    middle = layers.Add()([middle, layers.AveragePooling2D(2)(fine)])
    coarse = layers.Add()([coarse, layers.AveragePooling2D(2)(middle)])
    outputs = {}
    for level, feature in enumerate((fine, middle, coarse)):
        for _ in range(2):
            feature = unit(depthwise(feature), neck, 1)
        outputs[f"level{level}"] = layers.Conv2D(CLASSES + 4 * bins, 1)(feature)
    return keras.Model(images, outputs, name="nanodet_m_like")


def unit(inputs, filters, size, stride=1):
    """Return a convolution with batch norm and ReLU6."""
    hidden = layers.Conv2D(filters, size, stride, padding="same", use_bias=False)(inputs)
    return layers.ReLU(6.0)(layers.BatchNormalization()(hidden))


def depthwise(inputs, stride=1):
    """Return a depthwise 3x3 convolution with batch norm."""
    hidden = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(inputs)
    return layers.BatchNormalization()(hidden)


def halving(inputs, width):
    """Return a unit of ShuffleNetV2 that halves the resolution."""
    left = unit(depthwise(inputs, 2), width // 2, 1)
    right = unit(depthwise(unit(inputs, width // 2, 1), 2), width // 2, 1)
    return shuffle(layers.Concatenate()([left, right]))


def shuffled(inputs):
    """Return a unit of ShuffleNetV2 that leaves half of the channels as they are."""
    half = inputs.shape[-1] // 2
    right = unit(depthwise(unit(inputs[..., half:], half, 1)), half, 1)
    return shuffle(layers.Concatenate()([inputs[..., :half], right]))


def shuffle(inputs):
    """Return the channels of two halves in turn."""
    height, width, channels = inputs.shape[1:]
    apart = layers.Reshape((height, width, 2, channels // 2))(inputs)
    return layers.Reshape((height, width, channels))(layers.Permute((1, 2, 4, 3))(apart))
