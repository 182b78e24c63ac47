"""NightVision's network: a pyramid from stride 4 up over cross-stage blocks.

Half of what thermal cameras are to find is below 12 pixels at 320x320, so the finest level has
stride 4. It is thin: the stem reaches it in one step, and what it needs to know about the scene
comes down from the coarser levels, which hold nearly all of the parameters. The pyramid goes down
and up again (Liu et al. 2018, PANet, https://arxiv.org/abs/1803.01534); decoupled heads say
class, box and objectness (Ge et al. 2021, YOLOX, https://arxiv.org/abs/2107.08430).
"""

from __future__ import annotations

import keras
from keras import layers

from edgedet.geometry.points import feature_size
from edgedet.models.blocks import (
    ACTIVATION,
    bottleneck,
    conv,
    cross_stage,
    separable,
    upsample_add,
)
from edgedet.models.domains import condition, domain_output, tell_domain
from edgedet.models.heads import dense_head
from edgedet.models.padding import cropped, padded
from edgedet.outputs import tensor_name

STRIDES = (4, 8, 16)
LEVELS = ("p2", "p3", "p4")
# Stride of the context; other input sizes are padded to a multiple of it.
COARSEST = 32
# Channels at strides 4, 8 and 16.
BACKBONE = (32, 64, 128)
# Channels of each level.
WIDTHS = (32, 48, 48)
# Channels that the stem's gates look through.
GATE = 16
DOMAIN_KIND = "domain_logits"


def build_network(shape, num_classes, kinds, adaptive=True, activation=ACTIVATION) -> keras.Model:
    """Return the functional network: images to what `kinds` names on P2, P3 and P4.

    Args:
        shape: (height, width, bands) of the images.
        num_classes: Number of class logits per cell.
        kinds: What is said about each cell, some of `outputs.KINDS`.
        adaptive: Let the stem scale its channels by what it sees of the whole frame.
        activation: Of all layers.
    """
    images = keras.Input(shape, name="images")
    stem = _stem(padded(images, COARSEST), adaptive, activation)
    stages, context = _backbone(stem, activation)
    levels = dict(zip(LEVELS, _neck(stages, context, activation), strict=True))
    outputs, plain = {}, [kind for kind in kinds if kind != DOMAIN_KIND]
    if DOMAIN_KIND in kinds:
        outputs, levels = _with_domains(levels, context)
    for level, features in levels.items():
        width = features.shape[-1]
        outputs |= dense_head(features, num_classes, width, level, plain, activation)
    sizes = {
        level: feature_size(shape, stride) for level, stride in zip(LEVELS, STRIDES, strict=True)
    }
    outputs = {
        name: cropped(output, sizes[name.partition("_")[0]]) for name, output in outputs.items()
    }
    return keras.Model(images, outputs, name="nightvision_network")


def _stem(images, adaptive, activation):
    """Return features at stride 4."""
    stem = conv(images, BACKBONE[0], 6, 4, activation, name="stem")
    if not adaptive:
        return stem
    # How much of each pattern, bright on dark or dark on bright, the frame holds as a whole
    # decides how much each of them counts: squeeze-and-excitation (Hu et al. 2018,
    # https://arxiv.org/abs/1709.01507).
    mean = layers.GlobalAveragePooling2D(keepdims=True, name="stem_mean")(stem)
    seen = layers.Conv2D(GATE, 1, activation=ACTIVATION, name="stem_seen")(mean)
    gates = layers.Conv2D(BACKBONE[0], 1, activation="sigmoid", name="stem_gates")(seen)
    return layers.Multiply(name="stem_adapted")([stem, gates])


def _backbone(stem, activation):
    """Return the features at strides 4, 8 and 16, and the context at stride 32."""
    c2 = bottleneck(stem, BACKBONE[0] // 4, activation, name="c2")
    c3 = _stage(c2, BACKBONE[1], activation, "c3")
    c4 = _stage(c3, BACKBONE[2], activation, "c4")
    c5 = separable(c4, BACKBONE[2], stride=2, activation=activation, name="c5_down")
    return (c2, c3, c4), cross_stage(c5, BACKBONE[2] // 2, activation, name="c5")


def _stage(features, filters, activation, name):
    # Cells of 2x2 become one: half the cost of a 3x3 kernel, and nothing is seen twice.
    down = conv(features, filters, 2, 2, activation, name=f"{name}_down")
    return cross_stage(down, filters // 2, activation, name=name)


def _neck(stages, context, activation):
    """Return the levels: each told what the coarser ones saw, then what the finer ones did."""
    fine, middle, coarse = (
        conv(features, width, 1, activation=activation, name=f"{level}_lateral")
        for features, width, level in zip(stages, WIDTHS, LEVELS, strict=True)
    )
    coarsest = conv(context, WIDTHS[2], 1, activation=activation, name="p5_lateral")
    coarse = upsample_add(coarsest, coarse, name="p4_top")
    middle = upsample_add(coarse, middle, name="p3_top")
    narrow = conv(middle, WIDTHS[0], 1, activation=activation, name="p3_narrow")
    # No layer of its own here, where there are most cells: its heads look around themselves.
    p2 = upsample_add(narrow, fine, name="p2_top")
    p3 = _from_below(p2, middle, activation, "p3")
    return p2, p3, _from_below(p3, coarse, activation, "p4")


def _from_below(finer, features, activation, name):
    """Return `features` with what the finer level adds to them."""
    filters = features.shape[-1]
    down = separable(finer, filters, stride=2, activation=activation, name=f"{name}_up")
    added = layers.Add(name=f"{name}_add")([features, down])
    return separable(added, filters, activation=activation, name=name)


def _with_domains(levels, context):
    """Return the outputs that tell domains, and the levels as the domains want them."""
    told = tell_domain(context, name="domain")
    shares = layers.Activation("softmax", name="domain_shares")(told)
    outputs, conditioned = {}, {}
    for level, features in levels.items():
        name = tensor_name(level, DOMAIN_KIND)
        outputs[name] = domain_output(features, told, name=name)
        conditioned[level] = condition(features, shares, name=f"{level}_domain")
    return outputs, conditioned
