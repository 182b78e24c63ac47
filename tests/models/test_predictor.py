import keras
import numpy as np
import pytest

from edgedet.models.predictor import FIRST_LOG_VARIANCE, Predictor
from edgedet.parts import parameters
from edgedet.runtime.sparse.predictor import Predictor as DevicePredictor

SHAPE = (5, 7)
PATCHES = 5 * 7


@pytest.fixture
def predictor():
    """One that has learned something: no weight is what it was."""
    predictor, generator = Predictor(channels=3, units=4), np.random.default_rng(0)
    for variable in predictor.weights:
        variable.assign(variable + generator.normal(0, 0.3, variable.shape))
    return predictor


def changes(frames):
    return np.random.default_rng(1).normal(0, 0.2, (frames, *SHAPE, 16)).astype("float32")


def test_the_device_gives_the_same_numbers(predictor):
    device = DevicePredictor(predictor.device_weights())
    device.begin(SHAPE)
    state = predictor.begin(PATCHES)
    for number, change in enumerate(changes(6)):
        surprise, _, remembered = predictor.observe(change[None], state)
        found = device.observe(change)
        np.testing.assert_allclose(found, surprise[0], rtol=2e-4, atol=1e-5)
        computed = np.random.default_rng(number).random(SHAPE) < 0.3
        state = predictor.look_ahead(remembered, computed.reshape(-1, 1))
        device.look_ahead(computed)


def test_streams_of_a_batch_are_apart(predictor):
    both = np.stack([changes(1)[0], changes(2)[1]])
    together, _, _ = predictor.observe(both, predictor.begin(2 * PATCHES))
    for number in range(2):
        alone, _, _ = predictor.observe(both[number : number + 1], predictor.begin(PATCHES))
        np.testing.assert_allclose(together[number], alone[0], rtol=1e-5)


def test_what_is_computed_is_settled(predictor):
    _, _, remembered = predictor.observe(changes(1), predictor.begin(PATCHES))
    computed = np.arange(PATCHES).reshape(-1, 1) % 2 == 0
    settled = np.asarray(predictor.look_ahead(remembered, computed)["settled"])
    assert not settled[::2].any() and settled[1::2].all()


def test_before_it_learns_it_expects_what_it_saw():
    predictor = Predictor()
    state = predictor.begin(PATCHES)
    assert not np.asarray(state["mean"]).any()
    assert np.allclose(state["log_variance"], FIRST_LOG_VARIANCE)
    # Its embedding keeps lengths: cosines at right angles.
    embedding = np.asarray(predictor.embedding)
    np.testing.assert_allclose(embedding.T @ embedding, np.eye(8), atol=1e-6)
    # The first one is the mean of the 16 samples, four times.
    np.testing.assert_allclose(embedding[:, 0], 0.25, atol=1e-6)


def test_it_costs_less_than_a_hundredth_of_nexus():
    weights = Predictor().device_weights()
    # 15 x 20 patches of 4 x 4 samples, and 167,674,240 multiplications.
    assert 300 * DevicePredictor(weights).macs < 0.005 * 167_674_240
    assert parameters(weights) < 1100


def test_it_is_saved_with_what_it_is_made_of(predictor):
    again = Predictor.from_config(predictor.get_config())
    assert (again.channels, again.units) == (3, 4)
    again.set_weights(predictor.get_weights())
    for key, array in again.device_weights().items():
        np.testing.assert_array_equal(array, predictor.device_weights()[key])


def test_it_is_registered():
    assert keras.saving.get_registered_name(Predictor) == "edgedet>Predictor"


def test_what_is_expected_learns_nothing_from_surprise(predictor):
    tf = pytest.importorskip("tensorflow")
    with tf.GradientTape() as tape:
        _, _, remembered = predictor.observe(changes(1), predictor.begin(PATCHES))
        state = predictor.look_ahead(remembered, np.zeros((PATCHES, 1), bool))
        surprise, _, _ = predictor.observe(changes(2)[1:], state)
        total = tf.reduce_sum(surprise)
    learned = [predictor.embedding, predictor.log_floor, predictor.raw_gain]
    expecting = [*predictor.gru.trainable_variables, *predictor.forecast.trainable_variables]
    gradients = tape.gradient(total, [v.value for v in [*learned, *expecting]])
    assert all(np.abs(gradient).max() > 0 for gradient in gradients[:3])
    assert all(gradient is None or not np.any(gradient) for gradient in gradients[3:])
