"""A Keras network becomes a .tflite flatbuffer: float32, float16 or integers only.

The converter gets one traced function and no object that keeps its variables: it then freezes them
into constants, which takes a second, not twelve, and shows it the ranges of a network that was
trained for INT8.
"""

from __future__ import annotations

import dataclasses
import logging

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from edgedet.errors import ExportError, ModelError
from edgedet.export.culprit import refused_layers
from edgedet.export.integer import require_integer
from edgedet.export.quiet import silenced
from edgedet.quantization import is_rounded, require_observed, settled

# Of what flows between operations; weights are 8-bit integers with both.
INTEGERS = {
    "int8": (tf.int8, tf.lite.OpsSet.TFLITE_BUILTINS_INT8),
    "int16": (
        tf.int16,
        tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
    ),
}
PRECISIONS = ("float", "float16", *INTEGERS)
INPUT = "images"

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Converted:
    """A flatbuffer as the converter writes it.

    Attributes:
        content: The bytes of the .tflite.
        outputs: Name of each output tensor, in the order of the file.
    """

    content: bytes
    outputs: tuple[str, ...]


def convert(network, precision: str, calibration: np.ndarray | None = None) -> Converted:
    """Return the flatbuffer of a functional Keras network.

    Args:
        network: One input, float `[B, h, w, bands]` in 0..1; a dict of outputs by name, or
            outputs without names, which are then numbered.
        precision: `float`, `float16` (weights only), `int8` (everything), or `int16`: 8-bit
            weights and 16-bit activations, for what 8 bits answer too coarsely.
        calibration: uint8 `[N, h, w, bands]`, network inputs that set the integers' ranges; more
            of them cover more of what a camera sees. A network that `quantize_aware` made has
            its ranges already and needs none.

    Raises:
        ExportError: The converter refuses a layer, an operation would stay in floats, or
            calibration images are missing, or the network was made for INT8 only.
    """
    if precision not in PRECISIONS:
        raise ExportError(
            f"Precision: expected one of {', '.join(PRECISIONS)}, found {precision!r}."
        )
    rewritten = is_rounded(network)
    if rewritten:
        _require_int8(precision, network)
    elif precision in INTEGERS:
        _require_images(precision, calibration, network)
    with silenced():
        function, outputs = _trace(network)
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    if precision == "float16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    elif precision in INTEGERS:
        _take_integers(converter, precision)
        if not rewritten:
            _calibrate(converter, precision, calibration)
    content = _run(converter, function, network)
    if precision in INTEGERS:
        require_integer(content, network)
    return Converted(content, outputs)


def _trace(network):
    """Return the network as one function, and the names of its outputs."""
    images = tf.TensorSpec((1, *network.inputs[0].shape[1:]), tf.float32, INPUT)
    answer = settled(network)
    traced = tf.function(lambda images: answer(images), autograph=False)
    concrete = traced.get_concrete_function(images)
    # The converter forgets the names but keeps the order; TensorFlow flattens dicts by sorted key.
    found = concrete.structured_outputs
    numbered = (f"output_{place}" for place, _ in enumerate(tf.nest.flatten(found)))
    outputs = tuple(sorted(found) if isinstance(found, dict) else numbered)
    return concrete, outputs


def _take_integers(converter, precision):
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = converter.inference_output_type = INTEGERS[precision][0]


def _calibrate(converter, precision, calibration):
    # Without ranges in the network, the converter asks for images as soon as this is said.
    converter.target_spec.supported_ops = [INTEGERS[precision][1]]
    inputs = _spanning(calibration)
    converter.representative_dataset = lambda: ([image[None] / np.float32(255)] for image in inputs)


def _require_int8(precision, network):
    if precision != "int8":
        raise ExportError(
            f"Network {network.name!r} rounds as INT8 does, so it cannot become {precision}.\n"
            "Export it with --int8, or the network that it was made of."
        )
    try:
        require_observed(network)
    except ModelError as error:
        raise ExportError(str(error)) from error


def _require_images(precision, calibration, network):
    expected = tuple(network.inputs[0].shape[1:])
    if calibration is None or not len(calibration):
        raise ExportError(
            f"{precision.upper()} needs calibration images, found none.\n"
            "Name the training data with --data, or export with --float."
        )
    if calibration.dtype != np.uint8 or calibration.shape[1:] != expected:
        raise ExportError(
            f"Calibration images: expected uint8 [N, {', '.join(map(str, expected))}], "
            f"found {calibration.dtype} {list(calibration.shape)}.\n"
            "Letterbox them as the runtime does."
        )


def _spanning(images):
    """Return the images with level 255 among them; level 0 is in every range by itself.

    The input range is then exactly 0..1, so its scale 1/255: a camera's byte needs no
    arithmetic but minus 128. One pixel does it; a white image would widen the ranges of the
    layers behind.
    """
    images = images.copy()
    if images.max() < 255:
        images[0, -1, -1] = 255
    return images


def _run(converter, function, network) -> bytes:
    try:
        with silenced():
            return bytes(converter.convert())
    except Exception as error:  # The converter raises what its C++ passes raise: any type.
        layers = refused_layers(str(error), _operations(function), network)
        culprit = f"layer {', '.join(map(repr, layers))}" if layers else "the network"
        raise ExportError(
            f"The converter refuses {culprit}: {_first_line(error)}\n"
            "Use layers that lower to built-in TFLite operations."
        ) from error


def _operations(function):
    """Return the operations of a function, those of functions and loops in it among them."""
    try:
        function = convert_variables_to_constants_v2(function)
    except Exception as error:  # Then the converter has failed at this, too, and says why.
        log.debug("not frozen: %s", error)
    return function.graph.get_operations()


def _first_line(error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # What follows "error:" is the reason; before it stands a place in the converter's sources.
    return lines[0].split("error: ")[-1][:200] if lines else type(error).__name__
