"""Write tests/fixtures/tiny-int8.tflite: a detector small enough to work out by hand.

It needs no training: a 4 x 4 cell is `white` where all three colours are bright and `red` where
only red is. Each white cell of stride 4 answers with a box one stride to every side of its
centre; level P3 looks at 2 x 2 cells together. Needs the training installation.
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from edgedet.files import replacing  # noqa: E402
from edgedet.manifest import Level, Manifest  # noqa: E402
from edgedet.outputs import tensor_name  # noqa: E402

ROOT = Path(__file__).parent.parent
INPUT_SIZE = (32, 32)

MANIFEST = Manifest(
    model="tiny",
    input_size=INPUT_SIZE,
    class_names=("white", "red"),
    levels=(Level.of_stride(4), Level.of_stride(8)),
    precision="int8",
    trained_on="nothing: its weights are written by hand",
)

# Logit of `white`: 8 (red + green + blue) - 20; of `red`: 8 (red - green - blue) - 4.
CLASS_WEIGHTS = np.array([[8, 8], [8, -8], [8, -8]], "float32").reshape(1, 1, 3, 2)
CLASS_BIAS = np.array([-20, -4], "float32")
# ln(e - 1), of which softplus makes exactly one stride, where all three colours are 1.
ONE_STRIDE = np.float32(np.log(np.e - 1))
BOX_WEIGHTS = np.full((1, 1, 3, 4), 0.1, "float32")
BOX_BIAS = np.full(4, ONE_STRIDE - 0.3, "float32")


class Tiny(tf.Module):
    """The network, its weights constants."""

    @tf.function(input_signature=[tf.TensorSpec((1, *INPUT_SIZE, 3), tf.float32, name="images")])
    def __call__(self, images):
        mean = np.einsum("hw,io->hwio", np.full((4, 4), 1 / 16), np.eye(3)).astype("float32")
        p2 = tf.nn.relu6(tf.nn.conv2d(images, mean, 4, "SAME"))
        halves = np.full((2, 2, 3, 1), 1 / 4, "float32")
        p3 = tf.nn.relu6(tf.nn.depthwise_conv2d(p2, halves, [1, 2, 2, 1], "SAME"))
        raw = {}
        for name, features in (("p2", p2), ("p3", p3)):
            logits = tf.nn.conv2d(features, CLASS_WEIGHTS, 1, "SAME") + CLASS_BIAS
            ltrb = tf.nn.conv2d(features, BOX_WEIGHTS, 1, "SAME") + BOX_BIAS
            raw |= {tensor_name(name, "class_logits"): logits, tensor_name(name, "box_raw"): ltrb}
        return raw


def calibration_images():
    """Yield images that hold every level of every colour, alone and together."""
    generator = np.random.default_rng(0)
    for corner in np.ndindex(2, 2, 2):
        images = generator.uniform(0, 1, (1, *INPUT_SIZE, 3)).astype("float32")
        images[:, :16] = corner
        yield [images]


def convert() -> bytes:
    """Return the network as a full-integer .tflite with a named signature, no manifest."""
    with tempfile.TemporaryDirectory() as folder:
        module = Tiny()
        tf.saved_model.save(module, folder, signatures={"serving_default": module.__call__})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = calibration_images
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        return converter.convert()


def main():
    """Write the fixture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "tests/fixtures/tiny-int8.tflite")
    out = parser.parse_args().out
    with replacing(out) as temporary:
        temporary.write_bytes(convert())
        MANIFEST.append_to(temporary)
    print(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
