"""Nexus: general objects, in 320x320 pixels and less than 370,000 parameters.

Two pathways leave a shared stem, as the two streams of the visual cortex do (Goodale and Milner
1992, https://doi.org/10.1016/0166-2236(92)90344-8). The ventral one says what is there: it goes
down to strides 16 and 32 at once, where wide dense layers cost little, sees nearly the whole
image, and hands its answer up from coarse to fine. The dorsal one says where: it works at stride
8, sees a few cells around each place, and hands positions down from fine to coarse.

The stem goes to stride 4 in one step: two steps take as long to train as both pathways together.
"""

from __future__ import annotations

import keras

from edgedet.data import coco, voc
from edgedet.data.sets.class_names import canonical
from edgedet.manifest import Stage
from edgedet.models.blocks import (
    ACTIVATION,
    NearestUpsample,
    bottleneck,
    conv,
    separable,
    upsample_add,
)
from edgedet.models.detector import Detector
from edgedet.models.fusion import FUSIONS, summarize
from edgedet.models.heads import dense_head, head_names
from edgedet.models.input_size import require_multiple
from edgedet.models.memory import ObjectMemory
from edgedet.settings import Loss

STRIDES = (8, 16, 32)
LEVELS = ("p3", "p4", "p5")
# Channels of the stem's two steps; the second is the width of all that leaves the pathways.
STEM, WIDTH = 32, 64
# Channels of the ventral pathway at strides 16 and 32.
VENTRAL = (96, 128)
# Inner widths of the ventral blocks at stride 32. A single pathway has no fusion to pay for and
# spends the same on wider ones.
BLOCKS, SINGLE_BLOCKS = (64, 32), (64, 48)
KINDS = ("class_logits", "box_raw", "quality_logits", "box_log_variance")
HEADS = {level: head_names(level, KINDS) for level in LEVELS}
# How a video runs it, with gates by context: both pathways where something happens, what sees the
# whole image as a whole, and then the heads where something happens.
STAGES = (
    Stage("stem", ("images",), ("stem8_conv",), halo=(1, 1)),
    Stage("d3", ("stem8_conv",), ("d3_out",), halo=(1, 1)),
    Stage("d4", ("d3_out",), ("d4_conv",), halo=(0, 1)),
    Stage("c4", ("stem8_conv",), ("c4a_out",), halo=(1, 2)),
    Stage(
        "coarse",
        ("d4_conv", "c4a_out"),
        ("p3_what", "p3_gate", "p4_top_add", "p4_gate", *HEADS["p5"]),
    ),
    Stage("p4", ("d4_conv", "p4_top_add", "p4_gate"), HEADS["p4"], halo=(1, 1)),
    Stage("p3", ("d3_out", "p3_what", "p3_gate"), HEADS["p3"], halo=(1, 1)),
)
# Its names: what the data sets of so many classes call them, in COCO's spelling.
CLASS_NAMES = {
    len(names): tuple(map(canonical, names)) for names in (voc.CLASS_NAMES, coco.CLASS_NAMES)
}


@keras.saving.register_keras_serializable(package="edgedet")
class Nexus(Detector):
    """Finds objects of C classes, from about 8 pixels of the network input up.

    Args:
        num_classes: C: 20 means Pascal VOC's classes, 80 means COCO's; others are numbered.
        input_size: (height, width) of the network input, multiples of 32.
        memory_size: Numbers that are remembered of each object in videos; see `object_memory`.
        class_names: Names of the classes, which then decide how many there are.
        fusion: How the pathways meet: by gates that look at the whole image (`context`), at
            each place (`place`) or at nothing (`constant`), by a convolution (`mixing`), or not
            at all: `none` is a single pathway of the same cost, to compare with.
        **kwargs: Keras's own.

    Raises:
        ModelError: The network cannot take images of that size.
    """

    # The ranges overlap: an object between two levels is learned by both.
    size_ranges = ((0.0, 48.0), (32.0, 112.0), (80.0, float("inf")))
    kinds = KINDS
    # Most objects are people: what the others are is heard only if it is asked for alone.
    usual_loss = Loss(contrast_weight=0.3)
    # Of twenty classes one is always near: on 500 training images .45 has the best F1.
    min_score = 0.45
    # Each weighs as it is sure of each side; on COCO's val part AP50 .114 -> .118.
    box_voting = True

    def __init__(
        self,
        num_classes=20,
        input_size=(320, 320),
        memory_size=64,
        class_names=None,
        fusion="context",
        **kwargs,
    ):
        require_multiple("Nexus", input_size, of=STRIDES[-1], such_as=320)
        names = tuple(class_names or _names(num_classes))
        network = build_network(tuple(input_size), len(names), self.kinds, fusion)
        super().__init__(network, input_size, STRIDES, names, **kwargs)
        self.memory_size = memory_size
        self.fusion = fusion

    @property
    def stages(self):
        return STAGES if self.fusion == "context" else ()

    def object_memory(self) -> ObjectMemory:
        """Return a new memory of objects, no part of the network, which sees single images."""
        return ObjectMemory(self.memory_size, side=12, hidden=48, embedding=32)

    def get_config(self):
        return {
            **super().get_config(),
            "input_size": self.input_size,
            "memory_size": self.memory_size,
            "class_names": self.class_names,
            "fusion": self.fusion,
        }


def _names(num_classes):
    return CLASS_NAMES.get(num_classes) or [f"class {number}" for number in range(num_classes)]


def build_network(input_size, num_classes, kinds, fusion="context") -> keras.Model:
    """Return the functional network: images to what `kinds` names on P3, P4 and P5."""
    images = keras.Input((*input_size, 3), name="images")
    stem = conv(conv(images, STEM, 6, 4, name="stem"), WIDTH, stride=2, name="stem8")
    levels = _single(stem) if fusion == "none" else _dual(stem, FUSIONS[fusion])
    outputs = {}
    for level, features in zip(LEVELS, levels, strict=True):
        outputs |= dense_head(features, num_classes, WIDTH, level, kinds)
    return keras.Model(images, outputs, name="nexus_network")


def _dual(stem, fuse):
    """Return the levels of two pathways, fused."""
    c4, c5 = _ventral(stem, BLOCKS)
    what4, what5 = _top_down(c4, c5)
    what = (NearestUpsample(name="p3_what")(what4), what4, what5)
    summary = summarize(c5, name="summary")
    return [
        fuse(*pathways, summary, name=level)
        for level, *pathways in zip(LEVELS, what, _dorsal(stem), strict=True)
    ]


def _single(stem):
    """Return the levels of one pathway: the same layers in a row, and a feature pyramid."""
    c3 = bottleneck(stem, WIDTH // 2, name="c3a")
    c4, c5 = _ventral(c3, SINGLE_BLOCKS)
    p4, p5 = _top_down(c4, c5)
    p3 = upsample_add(p4, c3, name="p3")
    return [
        keras.layers.Activation(ACTIVATION, name=f"{level}_act")(features)
        for level, features in zip(LEVELS, (p3, p4, p5), strict=True)
    ]


def _ventral(stem, blocks):
    """Return features at strides 16 and 32, with `VENTRAL` channels."""
    c4 = bottleneck(conv(stem, VENTRAL[0], stride=2, name="c4"), 48, name="c4a")
    c5 = separable(c4, VENTRAL[1], stride=2, name="c5")
    for number, width in enumerate(blocks):
        c5 = bottleneck(c5, width, name=f"c5{'abc'[number]}")
    return c4, c5


def _top_down(c4, c5):
    """Return both with `WIDTH` channels, linear, the finer told what the coarser saw."""
    p5 = conv(c5, WIDTH, 1, activation=None, name="p5_what")
    p4 = conv(c4, WIDTH, 1, activation=None, name="p4_what")
    return upsample_add(p5, p4, name="p4_top"), p5


def _dorsal(stem):
    """Return features at strides 8, 16 and 32, with `WIDTH` channels."""
    d3 = bottleneck(stem, WIDTH // 2, name="d3")
    d4 = separable(d3, WIDTH, stride=2, name="d4")
    return d3, d4, separable(d4, WIDTH, stride=2, name="d5")
