"""The whole export: one verified file, or nothing."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.data import wider_face
from edgedet.errors import ExportError
from edgedet.export import choice, export, tflite
from edgedet.export.verify import Parity
from edgedet.manifest import Manifest
from edgedet.models import Phantom, keras_engine
from edgedet.runtime import EdgeDetector


@pytest.mark.parametrize("precision", ["float", "float16", "int8"])
def test_the_file_runs_on_the_device_and_answers_as_the_network(
    tmp_path, tiny_model, tiny_images, precision
):
    path = tmp_path / f"tiny-{precision}.tflite"

    exported = export(tiny_model, path, precision, calibration=tiny_images)

    assert Manifest.read(path) == tiny_model.manifest(precision=precision) == exported.manifest
    assert exported.file_bytes == path.stat().st_size < exported.converted_bytes
    detector = EdgeDetector.load(path)
    expected = keras_engine(tiny_model)(tiny_images)
    found = detector.engine(tiny_images)
    for name, output in found.items():
        spread = np.ptp(expected[name])
        # 8 bits cover all inputs, not only these; another output would be off by all of it.
        np.testing.assert_allclose(output, expected[name], atol=0.1 * spread)


def test_an_export_repeats_to_the_byte(tmp_path, tiny_model, tiny_images):
    for name in ("a", "b"):
        export(tiny_model, tmp_path / f"{name}.tflite", calibration=tiny_images)

    assert (tmp_path / "a.tflite").read_bytes() == (tmp_path / "b.tflite").read_bytes()


def test_a_file_that_answers_otherwise_leaves_the_old_one(
    tmp_path, tiny_model, tiny_images, monkeypatch
):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"the old one")
    monkeypatch.setattr(choice, "compare_outputs", lambda *_: 0.5)

    with pytest.raises(ExportError, match="found a difference of 0.5"):
        export(tiny_model, path, "float", calibration=tiny_images)

    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_outputs_must_be_those_of_the_manifest(tmp_path, tiny_model):
    manifest = dataclasses.replace(
        tiny_model.manifest(), kinds=("class_logits", "box_raw", "objectness_logits")
    )

    with pytest.raises(ExportError, match="promises outputs"):
        export(tiny_model, tmp_path / "model.tflite", "float", manifest=manifest)


class Repeated(keras.layers.Layer):
    def call(self, inputs):
        return tf.while_loop(lambda x: tf.reduce_max(x) < 1, lambda x: [2 * x + 1], [inputs])[0]


def test_a_loop_is_refused(tmp_path, tiny_model):
    network = tiny_model.network
    looped = {name: Repeated()(output) for name, output in network.output.items()}
    model = type(tiny_model)(keras.Model(network.input, looped))

    with pytest.raises(ExportError, match="computes each layer once, found loops"):
        export(model, tmp_path / "model.tflite", "float")

    assert not list(tmp_path.iterdir())


def test_int8_without_images_is_refused(tmp_path, tiny_model):
    with pytest.raises(ExportError, match="needs calibration images"):
        export(tiny_model, tmp_path / "model.tflite")

    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_phantom_is_compared_on_training_images(tmp_path, real_data):
    dataset = wider_face.read(real_data / "faces", "train")
    dataset = dataclasses.replace(dataset, records=dataset.records[:16])

    exported = export(Phantom(), tmp_path / "phantom.tflite", "int8", [dataset])

    # Untrained, so nothing is found; but AP was measured, and the network is no constant.
    assert exported.parity.ap50_network is not None
    assert 0 < exported.parity.max_error < 0.1


@pytest.mark.parametrize(("before", "refused"), [(0.53, False), (0.54, True)])
def test_a_network_that_learned_to_round_may_not_find_less_than_before(
    tmp_path, tiny_model, tiny_images, monkeypatch, before, refused
):
    same = Parity(0.0, ap50_network=0.5, ap50_file=0.5)
    monkeypatch.setattr(choice, "compare_detections", lambda *_: same)
    monkeypatch.setattr(choice, "mean_ap50", lambda *_: before)
    monkeypatch.setattr(choice, "_compared", lambda *_: [])
    monkeypatch.setattr(tflite, "with_measured_std", lambda manifest, *_: manifest)
    path, arguments = tmp_path / "tiny.tflite", {"datasets": ["some"], "calibration": tiny_images}
    if refused:
        with pytest.raises(ExportError, match="AP50 at most 0.03 below the network's 0.540"):
            export(tiny_model, path, **arguments, reference=tiny_model)
        assert not path.exists()
    else:
        parity = export(tiny_model, path, **arguments, reference=tiny_model).parity
        assert (parity.ap50_network, parity.ap50_file) == (before, 0.5)


def parity_of(ap50=0.5, partnered=100):
    return Parity(0.1, 0.5, ap50, detections=100, partnered=partnered)


@pytest.mark.parametrize(
    ("parities", "before"),
    [
        ([parity_of(partnered=90), parity_of()], None),
        ([parity_of(ap50=0.46), parity_of()], None),
        # As good as its network, but not as what that was before it learned to round.
        ([parity_of(), parity_of(ap50=0.54)], 0.54),
    ],
)
def test_a_file_that_finds_too_little_when_rounded_alike_everywhere_is_rounded_otherwise(
    tmp_path, tiny_model, tiny_images, monkeypatch, caplog, parities, before
):
    """The converter's own integers ship, and the user hears that interpreters may differ."""
    contents = []

    def compare(model, exported, datasets, calibration):
        contents.append(exported.path.read_bytes())
        return parities[len(contents) - 1]

    monkeypatch.setattr(choice, "_compare", compare)
    expected = {} if before is None else {"ap50_network": before}
    monkeypatch.setattr(tflite, "known", lambda *_: expected)
    export(tiny_model, tmp_path / "a.tflite", calibration=tiny_images)
    assert "may answer a few steps apart" in caplog.text
    alike, usual = contents
    assert (tmp_path / "a.tflite").read_bytes() == usual != alike
