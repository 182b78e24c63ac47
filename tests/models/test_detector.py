import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.data import wider_face
from edgedet.data.pipeline import batches
from edgedet.errors import ModelError
from edgedet.geometry import ltrb
from edgedet.losses import DetectionLoss
from edgedet.models import Phantom, keras_engine, load_detector
from edgedet.quantization import quantize_aware, ranges_of
from edgedet.runtime import EdgeDetector
from edgedet.targets import CenterAssigner


@pytest.fixture(scope="module")
def trained(small_batch):
    """A small Phantom before and after one step: the model, its old weights and its log."""
    keras.utils.set_random_seed(0)
    model = Phantom(input_size=(64, 64))
    before = {weight.path: weight.numpy() for weight in model.weights}
    model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    return model, before, model.train_step(small_batch)


def test_a_step_moves_every_weight(trained):
    model, before, _ = trained
    still = [w.path for w in model.weights if (w.numpy() == before[w.path]).all()]
    assert not still


def test_a_step_reports_its_terms(trained):
    model, _, logs = trained
    assert set(logs) == {"loss", "class", "box"}
    assert float(logs["loss"]) == pytest.approx(float(logs["class"]) + float(logs["box"]), 1e-5)
    assert [metric.name for metric in model.metrics] == ["loss", "class", "box"]


def test_gradient_reaches_every_trainable_variable(small_batch):
    keras.utils.set_random_seed(0)
    model = Phantom(input_size=(64, 64))
    with tf.GradientTape() as tape:
        terms, _ = model._sums(small_batch, training=True)
        loss = terms["class"] + terms["box"]
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None and np.any(gradient), variable.path


def step_in_parts(small_batch, accumulate):
    """Return the gradient and the log of a step, with batch norms frozen."""
    keras.utils.set_random_seed(0)
    model = Phantom(input_size=(64, 64))
    for layer in model.network.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    # A step of SGD is the gradient itself; Adam's would show its signs only.
    model.compile(keras.optimizers.SGD(1.0), accumulate=accumulate, run_eagerly=True)
    before = [weight.numpy() for weight in model.trainable_variables]
    logs = model.train_step(small_batch)
    after = [weight.numpy() for weight in model.trainable_variables]
    gradients = [new - old for new, old in zip(after, before, strict=True)]
    return gradients, {name: float(value) for name, value in logs.items()}


def test_a_batch_in_parts_teaches_as_the_whole_batch_does(small_batch):
    # The first image has both objects, so means of the parts would be something else.
    whole, logs = step_in_parts(small_batch, 1)
    parts, logs_of_parts = step_in_parts(small_batch, 2)
    assert logs_of_parts == pytest.approx(logs, rel=1e-5)
    for found, expected in zip(parts, whole, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_a_test_step_learns_nothing(small_batch):
    model = Phantom(input_size=(64, 64))
    model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    before = [weight.numpy() for weight in model.weights]
    assert set(model.test_step(small_batch)) == {"loss", "class", "box"}
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)


class Nothing(CenterAssigner):
    """Asks every point for background."""

    def __call__(self, truth, raw=None):
        assert set(raw) == {"class_logits", "box_ltrb"}
        return super().__call__({**truth, "labels": -tf.ones_like(truth["labels"])})


def test_assigner_and_loss_may_be_given_and_changed(small_batch):
    model = Phantom(input_size=(64, 64))
    model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    assert float(model.test_step(small_batch)["box"]) > 0
    model.compile(
        keras.optimizers.Adam(1e-3),
        assigner=Nothing((64, 64), model.strides, [(0, 1e9)] * 3),
        loss=DetectionLoss("focal", "ciou"),
        run_eagerly=True,
    )
    assert float(model.test_step(small_batch)["box"]) == 0
    assert model.detection_loss.class_loss == "focal"


# Keras says so of every tf.data that is not told off.
def test_fit_needs_a_batch_source_and_no_more(write_faces, tmp_path):
    dataset = wider_face.read(write_faces(tmp_path, train=4), "train")
    model = Phantom(input_size=(64, 64))
    model.compile(keras.optimizers.Adam(1e-4))
    history = model.fit(batches(dataset, (64, 64), 2, training=True), epochs=1, verbose=0).history
    assert set(history) == {"loss", "class", "box"}
    assert np.isfinite(history["loss"]).all()

    path = tmp_path / "trained.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    images = next(batches(dataset, (64, 64), 4).as_numpy_iterator())["images"]
    found = loaded(images)
    for name, value in model(images).items():
        np.testing.assert_allclose(found[name], value, atol=1e-6)


def test_a_model_answers_as_an_engine(phantom):
    images = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), "uint8")
    found = keras_engine(phantom)(images)
    assert set(found) == set(phantom.manifest().tensors)
    expected = phantom.network(images.astype("float32") / 255, training=False)
    for name, value in found.items():
        assert isinstance(value, np.ndarray)
        np.testing.assert_allclose(value, expected[name], atol=1e-5)


@pytest.mark.parametrize("learns", [True, False])
def test_an_engine_follows_weights_that_change_if_it_is_to(rewritten, learns):
    _, model = rewritten
    images = np.random.default_rng(0).integers(0, 256, (1, *model.input_size, 3), "uint8")
    engine = keras_engine(model, learns)
    before, weights = engine(images), model.get_weights()
    model.set_weights([2 * weight for weight in weights])
    after = engine(images)
    model.set_weights(weights)
    same = [np.array_equal(after[name], before[name]) for name in before]
    assert not any(same) if learns else all(same)


def test_what_it_learns_is_what_the_device_decodes(phantom):
    # The best point of `raw`, decoded as in the loss, is the best detection of the runtime.
    frame = np.random.default_rng(1).integers(0, 256, (128, 128, 3), "uint8")
    raw = phantom(frame[None].astype("float32") / 255)
    best = int(np.argmax(raw["class_logits"][0, :, 0]))
    points, strides = phantom.assigner.points, phantom.assigner.point_strides
    box = ltrb.decode(np.asarray(raw["box_ltrb"])[0, best], points[best], strides[best])
    detections = EdgeDetector(keras_engine(phantom), phantom.manifest(), min_score=0.0)(frame)
    np.testing.assert_allclose(detections.boxes[0], np.clip(box, 0, 128), atol=1e-3)
    score = 1 / (1 + np.exp(-float(raw["class_logits"][0, best, 0])))
    assert detections.scores[0] == pytest.approx(score, abs=1e-5)


@pytest.fixture(scope="module")
def rewritten():
    """A small Phantom, and the same with its network rewritten for INT8."""
    keras.utils.set_random_seed(0)
    model = Phantom(input_size=(64, 64))
    return model, model.with_network(quantize_aware(model.network))


def test_another_network_takes_the_place_of_its_own(rewritten):
    model, other = rewritten
    model.compile(loss=DetectionLoss("focal", "ciou"))
    again = model.with_network(other.network)
    for found in (other, again):
        assert type(found) is Phantom and found.manifest() == model.manifest()
        assert ranges_of(found.network) and not ranges_of(model.network)
    assert again.network is other.network
    assert again.detection_loss is model.detection_loss and again.assigner is model.assigner
    assert len(other.weights) == len(other.network.weights)


def test_it_learns_with_another_network(rewritten, small_batch):
    _, model = rewritten
    model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    before = {weight.path: weight.numpy() for weight in model.weights}
    logs = model.train_step(small_batch)
    assert set(logs) == {"loss", "class", "box"}
    assert len(before) == len(model.weights), "paths tell weights apart"
    still = [w.path for w in model.trainable_weights if (w.numpy() == before[w.path]).all()]
    assert not still


def test_another_network_is_saved_with_the_model(rewritten, small_batch, tmp_path):
    _, model = rewritten
    path = tmp_path / "rewritten.keras"
    model.save(path)
    loaded = load_detector(path)
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    for name, value in model(small_batch["images"]).items():
        np.testing.assert_allclose(loaded(small_batch["images"])[name], value, atol=1e-6)
    loaded.save(tmp_path / "again.keras")
    assert ranges_of(load_detector(tmp_path / "again.keras").network)


def test_a_network_with_other_outputs_is_refused(rewritten):
    model, _ = rewritten
    with pytest.raises(ModelError, match=r"Phantom: expected a network with outputs .*\n"):
        model.with_network(Phantom(input_size=(96, 96)).network)


def test_what_no_term_looks_at_stays_as_it_is(monkeypatch, small_batch):
    model = Phantom(input_size=(64, 64))
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)

    def sums(batch, training):
        first = model.trainable_variables[0]
        return {"class": keras.ops.sum(first**2), "box": keras.ops.zeros(())}, keras.ops.ones(())

    monkeypatch.setattr(type(model), "_sums", lambda model, *given, **told: sums(*given, **told))
    before = [each.numpy() for each in model.trainable_variables]
    model.train_step(small_batch)
    after = [each.numpy() for each in model.trainable_variables]
    np.testing.assert_allclose(after[0], 0.8 * before[0], rtol=1e-5)
    for one, other in zip(before[1:], after[1:], strict=True):
        np.testing.assert_array_equal(one, other)
