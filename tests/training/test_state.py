import keras
import numpy as np
import pytest

from edgedet.errors import DataError
from edgedet.models import MODELS
from edgedet.training import state
from edgedet.training.ema import WeightAverage


def prepare(model):
    model.compile(keras.optimizers.AdamW(1e-3))
    model.optimizer.build(model.trainable_variables)
    average = WeightAverage(0.9)
    average.set_model(model)
    return model, average


@pytest.fixture
def training(tiny):
    """A model in training, every number of it another."""
    model, average = prepare(tiny)
    for place, value in enumerate(state.variables(model, average).values()):
        numbers = place + np.linspace(0, 0.5, int(np.prod(value.shape)))
        value.assign(numbers.reshape(value.shape))
    return model, average


def numbers_of(training):
    return [np.asarray(value).copy() for value in state.variables(*training).values()]


def test_everything_comes_back(training, tmp_path):
    path, before = tmp_path / "state.npz", numbers_of(training)
    state.save(path, 5, *training)
    fresh = prepare(MODELS["tiny"]())
    assert state.restore(path, *fresh) == 5
    for found, expected in zip(numbers_of(fresh), before, strict=True):
        np.testing.assert_array_equal(found, expected)
    # Weights, their averages, two moments of each trained one, two numbers of the optimizer, the
    # steps of the average.
    model = training[0]
    assert len(before) == 2 * len(model.weights) + 2 * len(model.trainable_variables) + 3


def damage(path, how):
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        changed = bytearray(content)
        changed[len(content) // 2 : len(content) // 2 + 50] = bytes(50)
        path.write_bytes(
            {"empty": b"", "cut": content[:3000], "text": b"no state"}.get(how, changed)
        )


@pytest.mark.parametrize("how", ["missing", "empty", "cut", "text", "changed"])
def test_a_damaged_state_is_named_and_changes_nothing(training, tmp_path, how):
    path = tmp_path / "state.npz"
    state.save(path, 5, *training)
    damage(path, how)
    fresh = prepare(MODELS["tiny"]())
    before = numbers_of(fresh)
    with pytest.raises(DataError, match=r"state\.npz: .*cannot be read.*\n\S"):
        state.restore(path, *fresh)
    for found, expected in zip(numbers_of(fresh), before, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("changes", [{"class_names": ("face", "hand")}])
def test_the_state_of_another_model_is_refused(training, tmp_path, changes):
    path = tmp_path / "state.npz"
    state.save(path, 5, *training)
    with pytest.raises(
        DataError,
        match=r"does not fit this model; they differ in average/p3_class_logits/bias\.\nResume",
    ):
        state.restore(path, *prepare(MODELS["tiny"](**changes)))
