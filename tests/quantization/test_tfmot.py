"""The second engine: the twin is the network, and what tfmot makes of it converts."""

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edgedet.export.convert import convert
from edgedet.export.presets import unsettle
from edgedet.models import Nexus, NightVision, Phantom

REASON = "needs the extra tfmot: pip install 'edgedet[tfmot]'"
pytest.importorskip("tf_keras", reason=REASON)
pytest.importorskip("tensorflow_model_optimization", reason=REASON)

from edgedet.errors import ModelError  # noqa: E402
from edgedet.quantization import is_rounded  # noqa: E402
from edgedet.quantization.tfmot import quantize_by_tfmot  # noqa: E402
from edgedet.quantization.twin import copy_back, twin_of  # noqa: E402

pytestmark = pytest.mark.slow

DETECTORS = {
    "phantom": lambda: Phantom((64, 64)),
    "nexus": lambda: Nexus(3, (64, 64)),
    "nightvision": lambda: NightVision(input_size=(64, 64), domains=True),
}


@pytest.fixture(params=DETECTORS)
def network(request):
    keras.utils.set_random_seed(0)
    made = DETECTORS[request.param]().network
    unsettle(made)
    return made


@pytest.fixture
def inputs(network, clutter):
    size, bands = network.input_shape[1:3], network.input_shape[-1]
    images = [clutter(seed, size)[..., :bands] for seed in range(4)]
    return np.stack(images) / np.float32(255)


def test_the_twin_answers_as_the_network(network, inputs):
    twin, places = twin_of(network)

    outputs = twin(inputs)

    for name, expected in network(inputs).items():
        spread = np.ptp(expected) + 1e-3
        np.testing.assert_allclose(outputs[places[name]], expected, atol=1e-4 * spread)


def test_weights_come_back_from_the_twin(network, inputs):
    twin, _ = twin_of(network)
    expected = network(inputs)
    kept = network.get_weights()
    network.set_weights([weight + 1.0 for weight in kept])

    copy_back(twin, network)

    for one, other in zip(network.get_weights(), kept, strict=True):
        np.testing.assert_array_equal(one, other)
    copy_back(twin, network, lambda variable: 0 * variable.numpy())
    assert not any(weight.any() for weight in network.get_weights())
    assert expected.keys() == network(inputs).keys()


def test_the_twin_becomes_integers_only(network, inputs):
    made = quantize_by_tfmot(network, [inputs])

    content = convert(made, "int8").content

    assert is_rounded(made) and made.output_shape == network.output_shape
    found = made(inputs)
    for name, expected in network(inputs).items():
        # tfmot rounds weights before batch normalization scales them.
        assert np.abs(found[name] - expected).max() < 0.1 * np.abs(expected).max(), name
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=plain)
    operators = interpreter._get_ops_details()
    used = {int(index) for each in operators for index in (*each["inputs"], *each["outputs"])}
    details = (interpreter._get_tensor_details(index, 0) for index in used - {-1})
    assert {np.dtype(each["dtype"]).name for each in details} <= {"int8", "int32"}


def test_a_layer_without_a_twin_is_named():
    network = Nexus(3, (64, 64), fusion="constant").network
    with pytest.raises(ModelError, match=r"'p\d_gate' .ConstantGate.: tf-keras has no such layer"):
        twin_of(network)
