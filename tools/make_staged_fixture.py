"""Write tests/fixtures/staged-int8.tflite and staged-float.tflite: a small network with stages.

It has what stages must get right: strides that halve the size, a context that sees the whole image,
a gate that has one cell, and heads at two strides. Its weights are random, so it finds things where
there are none; the same seed gives the same files. Needs the training installation.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

from edgedet.export import export  # noqa: E402
from edgedet.manifest import Stage  # noqa: E402
from edgedet.models.blocks import bottleneck, conv, separable, upsample_add  # noqa: E402
from edgedet.models.detector import Detector  # noqa: E402
from edgedet.models.heads import dense_head, head_names  # noqa: E402

ROOT = Path(__file__).parent.parent
INPUT_SIZE = (64, 64)
WIDTH = 8


class Staged(Detector):
    """A detector of nothing."""

    size_ranges = ((0.0, 16.0), (16.0, float("inf")))

    stages = (
        Stage("fine", ("images",), ("c2_conv",), halo=(0, 1)),
        Stage("middle", ("c2_conv",), ("c3a_out",), halo=(1, 2)),
        Stage("coarse", ("c3a_out",), ("p2_top_up", "gate", *head_names("p3", Detector.kinds))),
        Stage("heads", ("c2_conv", "p2_top_up", "gate"), head_names("p2", Detector.kinds), (1, 1)),
    )

    def __init__(self):
        super().__init__(build_network(), INPUT_SIZE, (4, 8), ("thing",))


def build_network() -> keras.Model:
    """Return the functional network."""
    images = keras.Input((*INPUT_SIZE, 3), name="images")
    c2 = conv(conv(images, WIDTH, stride=2, name="c1"), WIDTH, stride=2, name="c2")
    c3 = bottleneck(conv(c2, WIDTH, stride=2, name="c3"), WIDTH, name="c3a")
    p3 = upsample_add(separable(c3, WIDTH, stride=2, name="c4"), c3, name="p3_top")
    mean = layers.GlobalAveragePooling2D(keepdims=True, name="mean")(p3)
    gate = layers.Activation("sigmoid", name="gate")(layers.Conv2D(WIDTH, 1, name="look")(mean))
    p2 = layers.Multiply(name="p2_gated")([upsample_add(p3, c2, name="p2_top"), gate])
    outputs = {}
    for level, features in (("p2", p2), ("p3", p3)):
        outputs |= dense_head(features, 1, WIDTH, level)
    network = keras.Model(images, outputs)
    generator = np.random.default_rng(0)
    for variable in network.weights:
        # Alive everywhere: heads as they begin say the same of every cell.
        spread = generator.normal(
            0, 2 / np.sqrt(max(np.prod(variable.shape[:-1]), 1)), variable.shape
        )
        variable.assign(np.abs(spread) + 0.5 if "norm" in variable.path else spread)
    return network


def main():
    """Write the fixtures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "tests/fixtures")
    out = parser.parse_args().out
    images = np.random.default_rng(0).integers(0, 256, (16, *INPUT_SIZE, 3)).astype("uint8")
    keras.utils.set_random_seed(0)
    model = Staged()
    for precision in ("int8", "float"):
        path = out / f"staged-{precision}.tflite"
        manifest = model.manifest(min_score=0.5, trained_on="nothing: its weights are random")
        exported = export(model, path, precision, calibration=images, manifest=manifest)
        print(f"{path}: {exported.file_bytes} bytes")


if __name__ == "__main__":
    main()
