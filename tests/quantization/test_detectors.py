"""All three detectors, rewritten: saved, loaded, and converted to integers only."""

import functools

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edgedet.export.convert import convert
from edgedet.export.presets import unsettle
from edgedet.models import Nexus, NightVision, Phantom, load_detector
from edgedet.quantization import observe, quantize_aware, ranges_of

DETECTORS = {
    "phantom": functools.partial(Phantom, (64, 64)),
    **{
        f"nexus {fusion}": functools.partial(Nexus, 3, (64, 64), fusion=fusion)
        for fusion in ("context", "place", "constant", "mixing", "none")
    },
    "nightvision": functools.partial(NightVision, input_size=(64, 64)),
    "nightvision with domains": functools.partial(NightVision, input_size=(64, 64), domains=True),
    "nightvision of bands, padded": functools.partial(NightVision, input_size=(72, 88), bands=2),
}


@pytest.fixture(scope="module", params=DETECTORS)
def detector(request, clutter):
    """Return each detector with the look of training, rewritten, and uint8 inputs of it."""
    keras.utils.set_random_seed(0)
    made = DETECTORS[request.param]()
    unsettle(made.network)
    bands = made.network.input_shape[-1]
    images = np.stack([clutter(seed, made.input_size)[..., :bands] for seed in range(4)])
    made = made.with_network(quantize_aware(made.network))
    observe(made.network, [images / np.float32(255)])
    return made, images


def steps_apart(converted, network, images):
    """Return by how many integer steps each output of the file differs from the network's."""
    interpreter = Interpreter(model_content=converted.content)
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    outputs = dict(zip(converted.outputs, interpreter.get_output_details(), strict=True))
    apart = {name: [] for name in outputs}
    expected = {name: value.numpy() for name, value in network(images / np.float32(255)).items()}
    for number, image in enumerate(images):
        interpreter.set_tensor(given["index"], (image[None] ^ np.uint8(128)).view("int8"))
        interpreter.invoke()
        for name, details in outputs.items():
            scale, zero_point = details["quantization"]
            found = interpreter.get_tensor(details["index"]).astype(float)
            apart[name].append(found - (expected[name][number] / scale + zero_point))
    return {name: np.abs(np.stack(values)) for name, values in apart.items()}


def types_in(content):
    """Return the names of the types of all tensors that the file computes with."""
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=plain)
    operators = interpreter._get_ops_details()
    used = {int(index) for each in operators for index in (*each["inputs"], *each["outputs"])}
    details = (interpreter._get_tensor_details(index, 0) for index in used - {-1})
    return {np.dtype(each["dtype"]).name for each in details}


@pytest.mark.slow
def test_the_file_of_each_detector_holds_integers_only_and_answers_as_its_network(detector):
    made, images = detector

    converted = convert(made.network, "int8")

    assert types_in(converted.content) <= {"int8", "int32"}
    apart = steps_apart(converted, made.network, images)
    # Rounded halves move others, the more the deeper a network is; see test_conversion.
    everything = np.concatenate([steps.ravel() for steps in apart.values()])
    assert (everything < 1.5).mean() > 0.85 and everything.mean() < 0.7
    for name, steps in apart.items():
        assert np.median(steps) < 1.5 and steps.mean() < 2, name


@pytest.mark.slow
@pytest.mark.parametrize(
    "detector", ["phantom", "nexus constant", "nightvision with domains"], indirect=True
)
def test_a_rewritten_detector_is_loaded_as_it_was_saved(detector, tmp_path):
    made, images = detector
    path = tmp_path / "best.keras"
    made.save(path)

    loaded = load_detector(path)

    assert len(ranges_of(loaded.network)) == len(ranges_of(made.network)) > 0
    assert loaded.manifest() == made.manifest()
    assert [weight.path for weight in loaded.weights] == [weight.path for weight in made.weights]
    inputs = images[:1] / np.float32(255)
    found = loaded(inputs)
    for kind, expected in made(inputs).items():
        np.testing.assert_array_equal(found[kind], expected)
