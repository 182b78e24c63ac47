"""What is rewritten converts: integer operations only, and the answers of the rewritten network."""

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from keras import layers, ops

from edgedet.errors import ExportError
from edgedet.export import export
from edgedet.export.convert import convert
from edgedet.export.flatbuffer import slim
from edgedet.export.model_file import repack
from edgedet.export.presets import unsettle
from edgedet.models import Phantom
from edgedet.quantization import observe, quantize_aware
from edgedet.runtime import EdgeDetector

IMAGES = np.random.default_rng(1).integers(0, 256, (6, 16, 16, 3)).astype("uint8")
PLAIN = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


def conv(inputs, filters=8, **arguments):
    return layers.Conv2D(filters, 3, padding="same", **arguments)(inputs)


def norm(inputs):
    return layers.BatchNormalization()(inputs)


def then(layer):
    """Return a network that calls `layer` on the features of a convolution."""
    return lambda images: layer(conv(images))


def two(merge):
    """Return a network that merges two features."""

    def build(images):
        first = conv(images)
        return merge([first, conv(first)])

    return build


def three(merge):
    def build(images):
        first = conv(images)
        second = conv(first)
        return merge([first, second, conv(second)])

    return build


def gated(images):
    features = conv(images)
    mean = layers.GlobalAveragePooling2D(keepdims=True)(features)
    gate = layers.Conv2D(8, 1, activation="sigmoid")(mean)
    return layers.Multiply()([features, gate])


def nested(images):
    inputs = keras.Input((16, 16, 8))
    return keras.Model(inputs, layers.ReLU()(norm(conv(inputs))))(conv(images))


def added_by_operators(images):
    features = conv(images)
    return ops.relu6(features + conv(features))


# The network, and which operators make it; "2 CONV_2D" are two of them.
NETWORKS = {
    "norm and relu6": (lambda i: layers.ReLU(6.0)(norm(conv(i, use_bias=False))), "CONV_2D"),
    "inner relu": (lambda i: conv(i, activation="relu"), "CONV_2D"),
    "depthwise": (
        then(lambda i: norm(layers.DepthwiseConv2D(3, depth_multiplier=2)(i))),
        "CONV_2D DEPTHWISE_CONV_2D",
    ),
    "separable": (
        then(layers.SeparableConv2D(6, 3, activation="relu6")),
        "2 CONV_2D DEPTHWISE_CONV_2D",
    ),
    "transposed": (
        then(lambda i: layers.ReLU()(norm(layers.Conv2DTranspose(6, 3, 2, "same")(i)))),
        "CONV_2D TRANSPOSE_CONV RELU",
    ),
    "classifier": (
        then(lambda i: layers.Dense(5, activation="softmax")(layers.GlobalAveragePooling2D()(i))),
        "CONV_2D MEAN FULLY_CONNECTED SOFTMAX",
    ),
    "flat": (
        then(lambda i: layers.ReLU()(norm(layers.Dense(4)(layers.Flatten()(i))))),
        "CONV_2D RESHAPE FULLY_CONNECTED",
    ),
    "norm alone": (
        two(lambda pair: norm(layers.Add()(pair))),
        "2 CONV_2D ADD DEPTHWISE_CONV_2D",
    ),
    "add": (two(lambda pair: layers.ReLU(6.0)(layers.Add()(pair))), "2 CONV_2D ADD"),
    "add operators": (added_by_operators, "2 CONV_2D ADD"),
    "subtract": (two(lambda pair: layers.ReLU()(layers.Subtract()(pair))), "2 CONV_2D SUB"),
    "multiply": (two(lambda pair: layers.ReLU()(layers.Multiply()(pair))), "2 CONV_2D MUL"),
    "add three": (three(layers.Add()), "3 CONV_2D 2 ADD"),
    "constants": (then(lambda i: (i + 3.0) * 0.5), "CONV_2D ADD MUL"),
    "gate": (gated, "2 CONV_2D MEAN LOGISTIC MUL"),
    "maximum": (two(layers.Maximum()), "2 CONV_2D MAXIMUM"),
    "concatenate": (two(layers.Concatenate()), "2 CONV_2D CONCATENATION"),
    "concatenate, then relu": (
        two(lambda pair: layers.ReLU()(layers.Concatenate()(pair))),
        "2 CONV_2D CONCATENATION RELU",
    ),
    # What has a fixed range, the input or a sigmoid, takes another one where it meets features.
    "fixed ranges meet": (
        lambda i: layers.Concatenate()([i, conv(i), layers.Activation("sigmoid")(conv(i))]),
        "2 CONV_2D LOGISTIC 2 QUANTIZE CONCATENATION",
    ),
    "max pooling": (
        then(lambda i: layers.ReLU()(layers.MaxPooling2D(2)(i))),
        "CONV_2D MAX_POOL_2D",
    ),
    "average pooling": (
        then(lambda i: layers.ReLU()(layers.AveragePooling2D(2)(i))),
        "CONV_2D AVERAGE_POOL_2D",
    ),
    "largest": (then(layers.GlobalMaxPooling2D()), "CONV_2D REDUCE_MAX"),
    "bilinear": (
        then(lambda i: conv(layers.UpSampling2D(interpolation="bilinear")(i))),
        "2 CONV_2D RESIZE_BILINEAR",
    ),
    "padding": (
        then(lambda i: layers.Conv2D(8, 3, 2)(layers.ZeroPadding2D(1)(i))),
        "2 CONV_2D PAD",
    ),
    "slice": (then(lambda i: i[:, ::2, 1:, :4]), "CONV_2D STRIDED_SLICE"),
    "dropout": (then(lambda i: conv(layers.Dropout(0.5)(i))), "2 CONV_2D"),
    "tanh": (then(layers.Activation("tanh")), "CONV_2D TANH"),
    "silu": (lambda i: conv(conv(i, activation="silu")), "2 CONV_2D LOGISTIC MUL"),
    "hard swish": (then(layers.Activation("hard_swish")), "CONV_2D HARD_SWISH"),
    "hard sigmoid": (then(layers.Activation("hard_sigmoid")), "CONV_2D ADD MUL"),
    "leaky": (then(layers.LeakyReLU(0.1)), "CONV_2D LEAKY_RELU"),
    "prelu": (
        then(layers.PReLU(alpha_initializer="random_normal", shared_axes=(1, 2))),
        "CONV_2D PRELU",
    ),
    "nested": (nested, "2 CONV_2D"),
    # The converter would give each of them the value that it has on the first channel's grid.
    "equal biases": (lambda i: conv(i, bias_initializer="ones"), "CONV_2D"),
}


def operators(content):
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=PLAIN)
    return sorted(details["op_name"] for details in interpreter._get_ops_details())


def spelled_out(text):
    """Return the names in "2 CONV_2D ADD", each as often as it says."""
    names, count = [], 1
    for word in text.split():
        if word.isdigit():
            count = int(word)
            continue
        names += [word] * count
        count = 1
    return sorted(names)


def run(content, images, kernels):
    """Return the integers of each output for each image, and the outputs' scales."""
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    outputs = interpreter.get_output_details()
    found = []
    for image in images:
        interpreter.set_tensor(given["index"], (image[None].astype("int16") - 128).astype("int8"))
        interpreter.invoke()
        found.append([interpreter.get_tensor(output["index"])[0] for output in outputs])
    return [np.stack(values) for values in zip(*found, strict=True)], [
        output["quantization"] for output in outputs
    ]


def in_steps(network, images, names, scales):
    """Return what the network answers, in integers as the file's."""
    answers = network(images / np.float32(255))
    return [
        answers[name].numpy() / scale + zero
        for name, (scale, zero) in zip(names, scales, strict=True)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_has_these_operators_and_answers_as_the_network(name):
    keras.utils.set_random_seed(0)
    build, expected = NETWORKS[name]
    images = keras.Input((16, 16, 3), name="images")
    network = quantize_aware(keras.Model(images, {"out": build(images)}))
    observe(network, [IMAGES / np.float32(255)])

    converted = convert(network, "int8")

    assert operators(converted.content) == spelled_out(expected)
    for kernels in (PLAIN, OpResolverType.BUILTIN):
        (found,), scales = run(converted.content, IMAGES, kernels)
        (answers,) = in_steps(network, IMAGES, ["out"], scales)
        # Kernels round halves otherwise, twice in a row, or with fewer digits.
        error = np.abs(found - answers)
        assert (error < 1.5).mean() > 0.99 and error.max() < 5 and error.mean() < 0.3


def test_a_rewritten_network_becomes_int8_only_and_when_it_has_observed():
    images = keras.Input((16, 16, 3))
    network = quantize_aware(keras.Model(images, {"out": conv(images)}))
    with pytest.raises(ExportError, match="rounds as INT8 does, so it cannot become float"):
        convert(network, "float")
    with pytest.raises(ExportError, match="has not been observed"):
        convert(network, "int8")


@pytest.mark.slow
def test_learned_ranges_and_steps_are_those_of_the_file():
    keras.utils.set_random_seed(0)
    images = keras.Input((16, 16, 3), name="images")
    features = layers.ReLU()(layers.Conv2D(8, 3, name="first")(images))
    made = quantize_aware(
        keras.Model(images, {"out": layers.Conv2D(4, 3, name="last")(features)}), learned=True
    )
    observe(made, [IMAGES / np.float32(255)])
    generator = np.random.default_rng(0)
    for weight in made.trainable_weights:
        if "gain" in weight.path:
            weight.assign(generator.uniform(0.6, 1.0, weight.shape))

    converted = convert(made, "int8")

    (found,), scales = run(converted.content, IMAGES, PLAIN)
    (answers,) = in_steps(made, IMAGES, ["out"], scales)
    assert (np.abs(found - answers) < 1.5).mean() > 0.99


@pytest.fixture(scope="module")
def phantom(clutter):
    """Return Phantom's network with the look of training, and inputs."""
    keras.utils.set_random_seed(0)
    network = Phantom().network
    unsettle(network)
    generator = np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D) and layer.use_bias:
            layer.kernel.assign(10 * layer.kernel)
            layer.bias.assign(layer.bias + generator.normal(0, 0.3, layer.bias.shape))
    return network, np.stack([clutter(seed, (128, 128)) for seed in range(12)])


@pytest.mark.slow
def test_phantom_becomes_the_file_that_calibration_gives(phantom):
    network, images = phantom
    made = quantize_aware(network)
    observe(made, [images / np.float32(255)])

    converted, calibrated = convert(made, "int8"), convert(network, "int8", images)

    assert operators(converted.content) == operators(calibrated.content)
    sizes = [len(repack(each.content, slim)) for each in (converted, calibrated)]
    # Ranges that happen to be equal are written once.
    assert abs(sizes[0] - sizes[1]) < 0.02 * sizes[1]


@pytest.mark.slow
def test_phantom_answers_as_its_file_does(phantom):
    # In a deep network one rounded half moves others, so even two sets of kernels for one file
    # differ by some steps: the rewritten network is as near to either as they are to each other.
    network, images = phantom
    made = quantize_aware(network)
    observe(made, [images / np.float32(255)])
    converted = convert(made, "int8")

    plain, scales = run(converted.content, images, PLAIN)
    fast, _ = run(converted.content, images, OpResolverType.BUILTIN)
    answers = in_steps(made, images, converted.outputs, scales)

    for name, one, other, answer in zip(converted.outputs, plain, fast, answers, strict=True):
        between = np.abs(one.astype(float) - other).mean()
        for found in (one, other):
            assert np.abs(found - answer).mean() < 1.2 * between + 0.1, name


@pytest.mark.slow
def test_a_rewritten_detector_is_exported(phantom, tmp_path):
    network, images = phantom
    made = quantize_aware(network)
    observe(made, [images / np.float32(255)])
    detector = Phantom().with_network(made)

    exported = export(detector, tmp_path / "made.tflite", "int8", calibration=images)

    assert exported.manifest.precision == "int8"
    assert EdgeDetector.load(exported.path)(images[0]) is not None
