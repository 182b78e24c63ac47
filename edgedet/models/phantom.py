"""Phantom: faces, in 128x128 pixels and about 90,000 parameters.

Dense 3x3 convolutions where there are few cells, separable ones where there are many: beside its
weights an INT8 file pays for every channel and operator, so few wide layers are cheap in bytes,
and on a CPU they also train twice as fast as many thin ones.
"""

from __future__ import annotations

import keras

from edgedet.manifest import Stage
from edgedet.models.blocks import bottleneck, conv, separable, upsample_add
from edgedet.models.detector import Detector
from edgedet.models.heads import dense_head, head_names
from edgedet.models.input_size import require_multiple
from edgedet.models.memory import ObjectMemory

STRIDES = (4, 8, 16)
# Geometric mean of the sides, in pixels of the input, that each level answers for. The ranges
# overlap: a face between two levels is learned by both.
SIZE_RANGES = ((0.0, 20.0), (14.0, 48.0), (36.0, float("inf")))
HEADS = {level: head_names(level, Detector.kinds) for level in ("p2", "p3", "p4")}
# Stride of the context, which must be doubled to fit the level below it.
COARSEST = 32
# Channels of the neck and of the branches of each head.
WIDTH = 32


@keras.saving.register_keras_serializable(package="edgedet")
class Phantom(Detector):
    """Finds faces, from about 4 pixels of the network input up.

    Args:
        input_size: (height, width) of the network input, multiples of 32.
        class_names: What is found.
        tracker_size: Numbers that are remembered of each face in videos; see `object_memory`.
        **kwargs: Keras's own.

    Raises:
        ModelError: The network cannot take images of that size.
    """

    def __init__(self, input_size=(128, 128), class_names=("face",), tracker_size=32, **kwargs):
        require_multiple("Phantom", input_size, of=COARSEST, such_as=128)
        network = build_network(tuple(input_size), len(class_names))
        super().__init__(network, input_size, STRIDES, class_names, **kwargs)
        self.tracker_size = tracker_size

    size_ranges = SIZE_RANGES
    # Short ones at the fine strides: each computes a halo of its own, which grows with its depth.
    stages = (
        Stage("c2", ("images",), ("c2_conv",), halo=(0, 1)),
        Stage("c2a", ("c2_conv",), ("c2a_out",), halo=(1, 1)),
        Stage("c3", ("c2a_out",), ("c3_conv",), halo=(0, 1)),
        Stage("c3a", ("c3_conv",), ("c3a_out",), halo=(1, 1)),
        Stage("c3b", ("c3a_out",), ("c3b_out",), halo=(1, 1)),
        # Here everything hangs on everything: the context sees the whole image.
        Stage("coarse", ("c3b_out",), ("p3_top_up", *HEADS["p4"])),
        Stage("p3", ("c3b_out", "p3_top_up"), ("p3_top_add", *HEADS["p3"]), halo=(1, 1)),
        # Only doubles the size, which is fixed, so it cannot be done to windows.
        Stage("p2_top", ("p3_top_add",), ("p2_top_up",)),
        Stage("p2", ("c2a_out", "p2_top_up"), ("p2_smooth_conv",), halo=(1, 1)),
        Stage("p2_heads", ("p2_smooth_conv",), HEADS["p2"], halo=(1, 1)),
    )

    def get_config(self):
        return {
            **super().get_config(),
            "input_size": self.input_size,
            "class_names": self.class_names,
            "tracker_size": self.tracker_size,
        }

    def object_memory(self) -> ObjectMemory:
        """Return a new memory of faces, no part of the network, which sees single images."""
        return ObjectMemory(self.tracker_size, side=8, hidden=0, embedding=16)


def build_network(input_size, num_classes) -> keras.Model:
    """Return the functional network: images to class logits and boxes on P2, P3 and P4."""
    images = keras.Input((*input_size, 3), name="images")
    c2, c3, c4 = _backbone(images)
    p2, p3, p4 = _neck(c2, c3, c4)
    outputs = {}
    for level, features in (("p2", p2), ("p3", p3), ("p4", p4)):
        outputs |= dense_head(features, num_classes, WIDTH, level)
    return keras.Model(images, outputs, name="phantom_network")


def _backbone(images):
    """Return features at strides 4, 8 and 16, with 32, 48 and 64 channels."""
    stem = conv(images, 16, stride=2, name="stem")
    c2 = bottleneck(conv(stem, 32, stride=2, name="c2"), 16, name="c2a")
    c3 = conv(c2, 48, stride=2, name="c3")
    c3 = bottleneck(bottleneck(c3, 24, name="c3a"), 24, name="c3b")
    c4 = bottleneck(separable(c3, 64, stride=2, name="c4"), 24, name="c4a")
    # A look at the whole image, four by four cells, tells a face from a face-like detail.
    context = separable(c4, 64, stride=2, name="c5")
    return c2, c3, upsample_add(context, c4, name="c4_context")


def _neck(c2, c3, c4):
    """Return the three levels with `WIDTH` channels, each told what the coarser ones saw."""
    p4 = conv(c4, WIDTH, 1, name="p4")
    p3 = upsample_add(p4, conv(c3, WIDTH, 1, name="p3"), name="p3_top")
    p2 = upsample_add(p3, conv(c2, WIDTH, 1, name="p2"), name="p2_top")
    return separable(p2, WIDTH, name="p2_smooth"), p3, p4
