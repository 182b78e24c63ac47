"""All three detectors, pruned: they answer alike, are saved, loaded and exported."""

import functools

import keras
import numpy as np
import pytest

from edgedet.export import export
from edgedet.export.convert import convert
from edgedet.export.flatbuffer import slim
from edgedet.export.model_file import repack
from edgedet.export.presets import unsettle
from edgedet.models import Nexus, NightVision, Phantom, load_detector
from edgedet.networks.graph import read
from edgedet.pruning import gate_gradients, prune_channels
from edgedet.pruning.channel_pruning import without
from edgedet.pruning.channels import Channels
from edgedet.quantization import observe, quantize_aware
from edgedet.runtime.measure.inspection import inspect

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

SHIPPED = pytest.mark.parametrize(
    "detector", ["phantom", "nexus context", "nightvision"], indirect=True
)


@pytest.fixture(params=DETECTORS)
def detector(request):
    """Return each detector with the look of training."""
    keras.utils.set_random_seed(0)
    made = DETECTORS[request.param]()
    unsettle(made.network)
    return made


def images_of(detector):
    shape = (2, *detector.network.input_shape[1:])
    return np.random.default_rng(0).random(shape, "float32")


def test_channels_that_are_always_zero_are_not_missed(detector, silenced):
    graph = read(detector.network)
    channels = Channels(graph)
    stays = np.ones(channels.count, bool)
    for number, group in enumerate(channels.groups()):
        stays[group[number % 4 :: 4]] = False
    silenced(detector.network, stays)

    smaller = without(graph, channels, stays, "smaller")

    assert smaller.count_params() < 0.8 * detector.network.count_params()
    images = images_of(detector)
    found = smaller(images)
    for name, expected in detector.network(images).items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-3, atol=1e-4)


def pruned(detector, share):
    images = images_of(detector)

    def loss(batch):
        return sum(keras.ops.mean(output**2) for output in detector.network(batch).values())

    gradients = gate_gradients(detector.network, loss, [images])
    return detector.with_network(prune_channels(detector.network, share, gradients))


@SHIPPED
def test_every_convolution_keeps_a_multiple_of_eight(detector):
    made = pruned(detector, 0.4)
    before = {layer.name: layer for layer in detector.network.layers}
    for layer in made.network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            filters = before[layer.name].filters
            assert layer.filters == filters or (layer.filters % 8 == 0 and layer.filters < filters)
    learned = [
        sum(np.prod(weight.shape) for weight in one.network.trainable_weights)
        for one in (made, detector)
    ]
    assert 0.6 <= learned[0] / learned[1] < 0.65


@pytest.mark.slow
@SHIPPED
def test_it_is_saved_quantized_and_exported_like_any_other(detector, tmp_path):
    made = pruned(detector, 0.3)
    images = images_of(made)
    made.save(tmp_path / "pruned.keras")
    loaded = load_detector(tmp_path / "pruned.keras")
    found = loaded(images)
    for kind, expected in made(images).items():
        np.testing.assert_array_equal(found[kind], expected)

    rounding = loaded.with_network(quantize_aware(loaded.network))
    observe(rounding.network, [images])
    exported = export(rounding, tmp_path / "pruned.tflite", "int8", [])
    assert inspect(exported.path).integer_only
    whole = convert(detector.network, "int8", (255 * images).astype("uint8")).content
    # Half of what the weights lose at least: names, scales and operators weigh something, too.
    assert exported.file_bytes < 0.85 * len(repack(whole, slim))
