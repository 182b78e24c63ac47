"""What the converter is asked for, and what is said when it cannot."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers

from edgedet.errors import ExportError
from edgedet.export.convert import convert


class Wave(layers.Layer):
    def call(self, inputs):
        return keras.ops.erf(inputs)


class InnerWave(layers.Layer):
    def call(self, inputs):
        return tf.function(tf.math.erf)(inputs)


class RunningSum(layers.Layer):
    def call(self, inputs):
        return keras.ops.cumsum(inputs, axis=1)


def network_with(layer):
    images = keras.Input((8, 8, 3))
    features = layer(layers.Conv2D(2, 3)(images))
    return keras.Model(images, {"out": layers.Conv2D(2, 1)(features)})


def run(content, images):
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images)
    interpreter.invoke()
    return [interpreter.get_tensor(o["index"]) for o in interpreter.get_output_details()]


@pytest.mark.parametrize(("precision", "tolerance"), [("float", 1e-5), ("float16", 2e-2)])
def test_outputs_are_those_of_the_network_in_the_order_that_is_said(
    tiny_model, tiny_images, precision, tolerance
):
    images = tiny_images[:1] / np.float32(255)
    expected = tiny_model.network(images)

    converted = convert(tiny_model.network, precision)

    found = dict(zip(converted.outputs, run(converted.content, images), strict=True))
    assert found.keys() == expected.keys()
    for name, output in found.items():
        np.testing.assert_allclose(output, expected[name], atol=tolerance)


def test_int8_takes_bytes_less_128_whatever_the_calibration_shows(tiny_model, tiny_images):
    interpreter = Interpreter(
        model_content=convert(tiny_model.network, "int8", tiny_images).content
    )

    (details,) = interpreter.get_input_details()

    assert details["dtype"] == np.int8
    assert details["quantization"] == (np.float32(1 / 255), -128)
    assert details["name"] == "images"
    assert tiny_images.min() > 0 and tiny_images.max() < 255, "not changed in place"


def test_int8_is_int8_from_end_to_end_with_a_scale_per_channel(tiny_model, tiny_images):
    interpreter = Interpreter(
        model_content=convert(tiny_model.network, "int8", tiny_images).content
    )
    interpreter.allocate_tensors()

    tensors = interpreter.get_tensor_details()
    weights = [t for t in tensors if len(t["quantization_parameters"]["scales"]) > 1]

    assert {t["dtype"] for t in tensors} <= {np.int8, np.int32}
    # Four layers and two box heads have more than one channel: weights and biases of each.
    assert len(weights) == 12
    assert {t["dtype"] for t in interpreter.get_output_details()} == {np.int8}


def test_int16_has_weights_of_8_bits_and_answers_more_finely(tiny_model, tiny_images):
    expected = tiny_model.network(tiny_images / np.float32(255))
    errors = {}
    for precision in ("int8", "int16"):
        converted = convert(tiny_model.network, precision, tiny_images)
        interpreter = Interpreter(model_content=converted.content)
        interpreter.allocate_tensors()
        (given,) = interpreter.get_input_details()
        scale, zero_point = given["quantization"]
        integers = np.round(tiny_images[:1] / (255 * scale)) + zero_point
        limits = np.iinfo(given["dtype"])
        integers = np.clip(integers, limits.min, limits.max).astype(given["dtype"])
        interpreter.set_tensor(given["index"], integers)
        interpreter.invoke()
        outputs = zip(converted.outputs, interpreter.get_output_details(), strict=True)
        errors[precision] = max(
            np.abs(_real(interpreter, details) - expected[name][:1]).max()
            for name, details in outputs
        )
        types = {details["dtype"] for details in interpreter.get_output_details()}
        assert types == {getattr(np, precision)}
    # What is left is the rounding of the weights.
    assert errors["int16"] < 0.7 * errors["int8"]


def _real(interpreter, details):
    scale, zero_point = details["quantization"]
    return (interpreter.get_tensor(details["index"]).astype("float64") - zero_point) * scale


@pytest.mark.parametrize(
    ("layer", "precision"), [(Wave, "float"), (Wave, "int8"), (InnerWave, "float")]
)
def test_a_refused_layer_is_named(layer, precision):
    images = np.zeros((2, 8, 8, 3), "uint8")
    with pytest.raises(ExportError, match=r"refuses layer 'strange': 'tf.Erf'"):
        convert(network_with(layer(name="strange")), precision, images)


def test_a_float_kernel_in_an_int8_file_is_refused_and_named():
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype("uint8")
    with pytest.raises(ExportError, match=r"found CUMSUM in floats \(layer 'total'\)"):
        convert(network_with(RunningSum(name="total")), "int8", images)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (None, "found none"),
        (np.zeros((0, 32, 32, 3), "uint8"), "found none"),
        (np.zeros((2, 32, 16, 3), "uint8"), r"expected uint8 \[N, 32, 32, 3\]"),
        (np.zeros((2, 32, 32, 3), "float32"), "found float32"),
    ],
)
def test_calibration_images_must_be_network_inputs(tiny_model, images, message):
    with pytest.raises(ExportError, match=message):
        convert(tiny_model.network, "int8", images)


def test_an_unknown_precision_is_refused(tiny_model):
    with pytest.raises(ExportError, match="float, float16, int8, int16, found 'int4'"):
        convert(tiny_model.network, "int4")


def test_nothing_reaches_the_terminal(tiny_model, tiny_images, capfd):
    convert(tiny_model.network, "int8", tiny_images)

    assert capfd.readouterr() == ("", "")
