import numpy as np
import pytest

from edgedet.training.ema import WeightAverage


def fill(model, value):
    for weight in model.weights:
        weight.assign(np.full(weight.shape, value, "float32"))


@pytest.fixture
def average(tiny):
    """The average of a model whose weights are all 0."""
    fill(tiny, 0.0)
    made = WeightAverage(decay=0.2)
    made.set_model(tiny)
    return made


def test_two_steps_by_hand(tiny, average):
    # The decay grows with the steps: (1 + 1) / (10 + 1), then (1 + 2) / (10 + 2) = .25, but at
    # most .2. So 2/11 * 0 + 9/11 * 11 = 9, and .2 * 9 + .8 * 21 = 18.6.
    for value, expected in ((11.0, 9.0), (21.0, 18.6)):
        fill(tiny, value)
        average.on_train_batch_end(0)
        for weight, shadow in zip(tiny.weights, average.shadows, strict=True):
            np.testing.assert_allclose(shadow, np.full(weight.shape, expected), rtol=1e-6)
            np.testing.assert_array_equal(weight, np.full(weight.shape, value))
    assert float(average.steps) == 2


def test_it_averages_batch_norm_statistics_too(tiny, average):
    assert sum("moving_" in weight.path for weight in tiny.weights) == 2 * 5
    assert len(average.shadows) == len(tiny.weights)


def test_the_average_is_applied_and_taken_back(tiny, average):
    fill(tiny, 11.0)
    average.on_train_batch_end(0)
    with average.applied() as model:
        assert model is tiny
        assert all(np.allclose(weight, 9.0) for weight in tiny.weights)
    assert all((weight.numpy() == 11.0).all() for weight in tiny.weights)


def test_it_is_taken_back_after_a_failure_too(tiny, average):
    fill(tiny, 11.0)
    average.on_train_batch_end(0)
    with pytest.raises(KeyboardInterrupt), average.applied():
        raise KeyboardInterrupt
    assert all((weight.numpy() == 11.0).all() for weight in tiny.weights)


def test_fit_does_not_begin_it_anew(tiny, average):
    fill(tiny, 11.0)
    average.on_train_batch_end(0)
    average.set_model(tiny)
    assert all(np.allclose(shadow, 9.0) for shadow in average.shadows)
