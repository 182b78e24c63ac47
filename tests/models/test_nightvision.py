import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.budgets import budget_of
from edgedet.errors import ModelError
from edgedet.geometry.points import feature_size
from edgedet.metrics import mean_average_precision
from edgedet.models import keras_engine
from edgedet.models.nightvision import CLASS_NAMES, NightVision
from edgedet.runtime import EdgeDetector
from edgedet.thermal import Normalization, normalize
from edgedet.training.adamw import AdamW

PRESETS = {
    "nightvision": NightVision,
    "wildlife": lambda: NightVision.wildlife(20),
    "human": NightVision.human,
    "interstellar": lambda: NightVision.interstellar(1, 1),
    "interstellar of 7 bands": lambda: NightVision.interstellar(3, 7),
    "vehicle": lambda: NightVision.vehicle(5),
    "multi_domain": lambda: NightVision.multi_domain(20),
    "edge": lambda: NightVision.edge(20),
}


@pytest.fixture(scope="module")
def nightvision():
    """A freshly made NightVision; leave its weights alone."""
    keras.utils.set_random_seed(0)
    return NightVision()


def noise(shape, seed=0):
    return np.random.default_rng(seed).uniform(0, 1, shape).astype("float32")


def test_levels_and_names(nightvision):
    # P2 is the level of stride 4: 80 x 80 cells of 320 x 320 pixels.
    expected = {
        f"{level}_{kind}": (None, cells, cells, count)
        for level, cells in (("p2", 80), ("p3", 40), ("p4", 20))
        for kind, count in (("class_logits", 4), ("box_raw", 4), ("objectness_logits", 1))
    }
    outputs = nightvision.network.output
    assert {name: tensor.shape for name, tensor in outputs.items()} == expected
    assert nightvision.network.input_shape == (None, 320, 320, 1)


def test_the_manifest_says_so(nightvision):
    manifest = nightvision.manifest()
    assert manifest.model == "nightvision"
    assert set(manifest.tensors) == set(nightvision.network.output)
    assert [level.stride for level in manifest.levels] == [4, 8, 16]
    assert (manifest.input_size, manifest.bands) == ((320, 320), 1)
    assert manifest.class_names == CLASS_NAMES
    assert manifest.thermal == Normalization()
    assert nightvision.manifest(thermal=None).thermal is None


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_in_its_budget(cost, preset):
    model = PRESETS[preset]()
    parameters, macs = cost(model.network)
    budget = budget_of("nightvision", model.input_size)
    assert not budget.exceeded({"parameters": parameters, "macs": macs})
    assert model.input_size == ((256, 256) if preset == "edge" else (320, 320))
    # Of points, means are worse than the surest box.
    assert model.manifest().box_voting is not preset.startswith("interstellar")


@pytest.mark.parametrize("bands", [1, 2, 3, 4, 7])
def test_any_number_of_bands_is_seen(bands):
    model = NightVision(("a",), (64, 64), bands)
    images = noise((1, 64, 64, bands))
    raw = model(images)["objectness_logits"]
    for band in range(bands):
        other = images.copy()
        other[..., band] = 1 - other[..., band]
        assert np.any(np.asarray(model(other)["objectness_logits"]) != raw), band


@pytest.mark.parametrize("size", [(300, 250), (33, 64), (1, 1), (24, 32)])
def test_sizes_that_32_does_not_divide(size):
    keras.utils.set_random_seed(0)
    model = NightVision(("a", "b"), size)
    raw = model(noise((2, *size, 1)))
    points = sum(np.prod(feature_size(size, stride)) for stride in (4, 8, 16))
    assert raw["class_logits"].shape == (2, points, 2)
    assert raw["box_ltrb"].shape == (2, points, 4)
    assert model.assigner.points.shape == (points, 2)
    # The runtime finds every tensor in the shape that the manifest promises, and maps back.
    manifest = model.manifest()
    for level in manifest.levels:
        shape = model.network.output[manifest.tensor(level, "box_raw")].shape
        assert shape[1:3] == feature_size(size, level.stride)
    frame = np.random.default_rng(0).integers(0, 256, (48, 60), "uint8")
    found = EdgeDetector(keras_engine(model), manifest, min_score=0.0)(frame[..., None])
    assert len(found) and found.boxes.max() <= 60


def test_padding_moves_nothing():
    # The same weights, on 60 x 52 pixels and on the same with the padding done by hand.
    keras.utils.set_random_seed(0)
    small, whole = NightVision(("a",), (60, 52)), NightVision(("a",), (64, 64))
    for layer in whole.network.layers:
        if layer.weights:
            layer.set_weights(small.network.get_layer(layer.name).get_weights())
    images = noise((1, 60, 52, 1))
    outside = np.pad(images, [(0, 0), (0, 4), (0, 12), (0, 0)])
    padded, inside = whole.network(outside), small.network(images)
    for name, value in inside.items():
        rows, columns = value.shape[1:3]
        np.testing.assert_allclose(padded[name][:, :rows, :columns], value, atol=1e-5)


@pytest.mark.parametrize(("size", "bands"), [((0, 64), 1), ((64, 64), 0)])
def test_an_input_of_nothing_is_refused(size, bands):
    with pytest.raises(ModelError, match="one pixel and one band at least, found"):
        NightVision(("a",), size, bands)


def test_the_stem_adapts_to_the_frame():
    # A patch far from a bright bar is seen through other gates than without the bar, although
    # no convolution of the stem reaches so far.
    model = NightVision(("a",), (64, 64))
    for gate in (model.network.get_layer("stem_seen"), model.network.get_layer("stem_gates")):
        gate.kernel.assign(noise(gate.kernel.shape, 1) - 0.3)
    stem = keras.Model(model.network.input, model.network.get_layer("stem_adapted").output)
    plain = noise((1, 64, 64, 1)) / 2
    bar = plain.copy()
    bar[:, :, 48:] = 1
    there = (slice(None), slice(0, 8), slice(0, 8))
    assert np.abs(np.asarray(stem(bar))[there] - np.asarray(stem(plain))[there]).max() > 1e-3
    names = [layer.name for layer in NightVision(("a",), (64, 64), adaptive=False).network.layers]
    assert not any(name.startswith("stem_") and "gate" in name for name in names)


def test_domains_learn_numbers_of_their_own():
    model = NightVision(("a",), (64, 64), domains=True)
    raw = model(noise((2, 64, 64, 1)))
    assert raw["domain_logits"].shape == (2, 256 + 64 + 16, 5)
    # Before anything is learned every cell says what the image says, and nothing is scaled.
    logits = np.asarray(raw["domain_logits"])
    np.testing.assert_allclose(logits, np.broadcast_to(logits[:, :1], logits.shape), atol=1e-5)
    network = model.network
    shares = network.get_layer("domain_shares").output
    scales = keras.Model(network.input, [shares, network.get_layer("p2_domain_scale").output])
    share, scale = scales(noise((2, 64, 64, 1)))
    np.testing.assert_allclose(np.sum(share, axis=-1), 1, atol=1e-5)
    np.testing.assert_allclose(scale, 1, atol=1e-5)
    # The second domain doubles its channels where it is sure.
    table = np.ones((1, 1, 5, 32), "float32")
    table[0, 0, 1] = 2
    network.get_layer("p2_domain_scale").kernel.assign(table)
    network.get_layer("domain_told").bias.assign([0, 50, 0, 0, 0])
    np.testing.assert_allclose(scales(noise((2, 64, 64, 1)))[1], 2, atol=1e-4)


@pytest.mark.parametrize("activation", ["relu6", "silu", "hard_swish"])
def test_activations_reach_all_layers(activation):
    model = NightVision(("a",), (64, 64), activation=activation)
    found = {
        layer.activation.__name__
        for layer in model.network.layers
        if isinstance(layer, keras.layers.Activation)
    }
    assert found == {keras.activations.get(activation).__name__}


@pytest.mark.parametrize("preset", ["nightvision", "multi_domain"])
def test_it_survives_a_round_trip_through_a_file(tmp_path, preset):
    settings = Normalization((280, 310), 0.01, polarity="black_hot")
    model = NightVision(
        ("dog", "cat"), (52, 64), 2, settings, adaptive=False, box_voting=False,
        domains=preset == "multi_domain" and [["dog"], ["cat"], [], [], ["dog", "cat"]],
    )  # fmt: skip
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert isinstance(loaded, NightVision)
    assert loaded.manifest() == model.manifest()
    assert (loaded.manifest().thermal, loaded.manifest().box_voting) == (settings, False)
    json.dumps(model.get_config())
    images = noise((2, 52, 64, 2))
    found = loaded(images)
    for name, value in model(images).items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_a_fresh_model_expects_nothing(nightvision):
    raw = nightvision(noise((2, 320, 320, 1)))
    for kind in ("class_logits", "objectness_logits"):
        scores = 1 / (1 + np.exp(-np.asarray(raw[kind])))
        assert scores.mean() == pytest.approx(0.01, abs=0.002)


def draw_bodies(generator, count):
    """Return frames of warm bodies, uint16 counts `[B, 64, 64, 1]`, and what is in them."""
    frames = generator.normal(8000, 20, (count, 64, 64, 1))
    boxes, labels = np.zeros((count, 3, 4), "float32"), np.zeros((count, 3), "int32")
    for frame, box, label in zip(frames, boxes, labels, strict=True):
        for place in range(3):
            label[place] = generator.integers(0, 2)
            # Upright like a person, or flat like a vehicle.
            height, width = ((12, 6), (8, 16))[label[place]]
            top = generator.integers(0, 64 - height)
            left = 21 * place + generator.integers(0, 21 - width)
            frame[top : top + height, left : left + width] += 400
            box[place] = left, top, left + width, top + height
    return np.rint(frames).astype("uint16"), boxes, labels


# Keras says so of every tf.data that is not told off.
@pytest.mark.slow
def test_it_learns_what_it_is_shown():
    keras.utils.set_random_seed(0)
    frames, boxes, labels = draw_bodies(np.random.default_rng(0), 8)
    model = NightVision(("person", "vehicle"), (64, 64))
    images = np.stack([normalize(frame, model.normalization) for frame in frames])
    batch = {
        "images": images.astype("float32") / 255,
        "boxes": boxes,
        "labels": labels,
        "ignored": labels < 0,
    }
    model.compile(AdamW(3e-3, weight_decay=0.0))
    batches = tf.data.Dataset.from_tensors(batch).repeat()
    model.fit(batches, steps_per_epoch=150, epochs=1, verbose=0)

    detect = EdgeDetector(keras_engine(model), model.manifest(), min_score=0.05)
    truths = [
        SimpleNamespace(boxes=box, labels=label) for box, label in zip(boxes, labels, strict=True)
    ]
    assert mean_average_precision([detect(frame) for frame in frames], truths, 2) > 0.95
    # Cameras of another gain and offset, too.
    others = [detect((frame // 2 + 300).astype("uint16")) for frame in frames]
    assert mean_average_precision(others, truths, 2) > 0.95


def test_domains_are_learned_from_what_batches_say():
    keras.utils.set_random_seed(0)
    model = NightVision(("a",), (32, 32), domains=True)
    model.compile(keras.optimizers.SGD(0.1))
    batch = {
        "images": tf.constant(noise((2, 32, 32, 1))),
        "boxes": tf.zeros([2, 1, 4]),
        "labels": -tf.ones([2, 1], tf.int32),
        "ignored": tf.zeros([2, 1], tf.bool),
    }
    # Without objects, and nobody says the domain: nothing to be learned.
    assert float(model.test_step(batch)["domain"]) == 0
    told = {**batch, "domain": tf.constant([3, 3])}
    assert float(model.test_step(told)["domain"]) > 0
    for _ in range(3):
        model.train_step(told)
    logits = model(batch["images"])["domain_logits"]
    assert (np.argmax(np.mean(logits, axis=1), axis=-1) == 3).all()
