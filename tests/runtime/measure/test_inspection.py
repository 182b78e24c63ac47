import numpy as np
import pytest

from edgedet.errors import ModelError
from edgedet.parts import append_part
from edgedet.runtime.measure.inspection import inspect, operator_macs


def test_the_tiny_network_by_hand(tiny, manifest):
    facts = inspect(tiny, manifest)
    assert facts.operators == {"CONV_2D": 5, "DEPTHWISE_CONV_2D": 1}
    # 4x4 convolution 3 to 3 with bias, depthwise 2x2 with bias, and the two heads, whose
    # weights both levels share while the integers of their biases differ.
    assert facts.parameters == (4 * 4 * 9 + 3) + (4 * 3 + 3) + (6 + 12) + 2 * (2 + 4)
    # On 8 x 8 cells the convolution and the heads, on 4 x 4 the depthwise and the heads.
    assert facts.macs == 64 * (4 * 4 * 9 + 6 + 12) + 16 * (4 * 3 + 6 + 12)
    assert facts.integer_only
    assert facts.file_bytes == tiny.stat().st_size


def test_parts_beside_the_manifest_count(tiny, tmp_path):
    alone, path = inspect(tiny), tmp_path / "with-part.tflite"
    path.write_bytes(tiny.read_bytes())
    append_part(path, "predictor", {"kernel": np.ones((4, 3)), "bias": np.ones(3)})
    facts = inspect(path)
    assert alone.parts == {} and facts.parts == {"predictor": 15}
    assert facts.parameters == alone.parameters + 15
    assert facts.file_bytes == path.stat().st_size > alone.file_bytes


def test_inputs_and_outputs_by_name(tiny, manifest):
    facts = inspect(tiny, manifest)
    (images,) = facts.inputs
    assert (images.name, images.shape, images.dtype) == ("images", (1, 32, 32, 3), "int8")
    assert images.scale == pytest.approx(1 / 255)
    assert images.zero_point == -128
    outputs = {tensor.name: tensor for tensor in facts.outputs}
    assert sorted(outputs) == sorted(manifest.tensors)
    # One step of the integer is one scale, in strides of 4 and 8 pixels.
    assert outputs["p2_box_raw"].step_pixels == pytest.approx(4 * outputs["p2_box_raw"].scale)
    assert outputs["p3_box_raw"].step_pixels == pytest.approx(8 * outputs["p3_box_raw"].scale)
    assert outputs["p2_class_logits"].step_pixels is None


def test_a_file_that_is_no_tflite(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_text("nothing")
    with pytest.raises(ModelError, match=r"model\.tflite"):
        inspect(path)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """A float and a float16 file with one of each operator that is counted."""
    tf = pytest.importorskip("tensorflow")

    def constant(*shape):
        generator = np.random.default_rng(len(shape))
        return tf.constant(generator.normal(size=shape), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, 8, 8, 4), tf.float32)])
    def network(images):
        x = tf.nn.conv2d(images, constant(3, 3, 4, 6), 1, "SAME") + constant(6)
        # A PReLU, which the converter recognizes by its two halves.
        x = tf.nn.relu(x) + constant(1, 1, 6) * tf.nn.relu(-x)
        x = tf.nn.conv2d_transpose(x, constant(2, 2, 5, 6), (1, 16, 16, 5), 2, "SAME")
        x = tf.nn.depthwise_conv2d(x, constant(3, 3, 5, 1), [1, 2, 2, 1], "SAME")
        x = tf.reshape(x, (1, 8 * 8 * 5))
        return tf.matmul(x, constant(8 * 8 * 5, 7))

    folder = tmp_path_factory.mktemp("zoo")
    files = {}
    for name in ("float32", "float16"):
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [network.get_concrete_function()]
        )
        if name == "float16":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        files[name] = folder / f"{name}.tflite"
        files[name].write_bytes(converter.convert())
    return files


@pytest.mark.parametrize("name", ["float32", "float16"])
def test_every_counted_operator_by_hand(zoo, name):
    facts = inspect(zoo[name])
    counted = {"CONV_2D", "PRELU", "TRANSPOSE_CONV", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}
    assert counted <= facts.operators.keys()
    weights = 9 * 4 * 6 + 4 * 5 * 6 + 9 * 5 + 320 * 7
    bias, slopes, added_by_the_converter = 6, 6, 5
    assert facts.parameters == weights + bias + slopes + added_by_the_converter
    # The transposed convolution spreads each of its 64 input pixels.
    assert facts.macs == 64 * 9 * 4 * 6 + 64 * 4 * 5 * 6 + 64 * 9 * 5 + 320 * 7
    assert not facts.integer_only
    assert facts.inputs[0].scale is None


def test_multiplications_of_each_operator_in_order(tiny):
    # Convolution, heads and depthwise, then the heads on the coarser cells.
    macs = operator_macs(tiny)
    assert sum(macs) == inspect(tiny).macs
    assert sorted(macs) == sorted([64 * 144, 64 * 6, 64 * 12, 16 * 12, 16 * 6, 16 * 12])
    assert macs[0] == 64 * 144
