"""The predictor gives the numbers of its formulas, written down patch by patch."""

import numpy as np
import pytest

from edgedet.runtime.sparse.predictor import Predictor

CHANNELS, UNITS = 3, 4
KERNELS = {
    "embedding": (16, CHANNELS),
    "input_kernel": (2 * CHANNELS + 2, 3 * UNITS),
    "recurrent_kernel": (UNITS, 3 * UNITS),
    "forecast_kernel": (UNITS, 2 * CHANNELS),
    "energy": (18,),
    "near": (9,),
    "input_bias": (3 * UNITS,),
    "recurrent_bias": (3 * UNITS,),
    "forecast_bias": (2 * CHANNELS,),
}
POSITIVE = ("gain", "of_error", "of_change", "of_settled", "floor")


def random_weights(seed=0):
    generator = np.random.default_rng(seed)
    weights = {name: generator.normal(0, 0.4, shape) for name, shape in KERNELS.items()}
    weights |= {name: generator.uniform(0.1, 0.9, CHANNELS) for name in POSITIVE}
    # Some variances are beyond their limits.
    weights["forecast_bias"][CHANNELS:] = -20, -3, 9
    return {name: array.astype("float32") for name, array in weights.items()}


class Plain:
    """The predictor of one patch after the other, in float64."""

    def __init__(self, weights, shape):
        self.weights = {name: array.astype("float64") for name, array in weights.items()}
        self.shape = shape
        self.settled = np.zeros((*shape, CHANNELS))
        self.memory = np.zeros((*shape, UNITS))

    def observe(self, changes):
        alone, energies, views = np.zeros(self.shape), np.zeros((*self.shape, 2)), {}
        for place in np.ndindex(*self.shape):
            energies[place], alone[place], views[place] = self.view(changes[place], place)
        energy = self.weights["energy"].reshape(3, 3, 2)
        for place in np.ndindex(*self.shape):
            near = [self.near(place, energies[..., k], energy[..., k]) for k in range(2)]
            self.remember(place, np.array([*views[place], *near]))
        return np.array(
            [
                [self.near((row, column), alone, self.weights["near"].reshape(3, 3))]
                for row, column in np.ndindex(*self.shape)
            ]
        ).reshape(self.shape)

    def view(self, change, place):
        weights = self.weights
        forecast = self.memory[place] @ weights["forecast_kernel"] + weights["forecast_bias"]
        log_variance = np.clip(forecast[CHANNELS:], -12, 2)
        deviation = np.sqrt(np.exp(log_variance) + weights["floor"])
        seen, mean = change @ weights["embedding"], self.settled[place] + forecast[:CHANNELS]
        self.settled[place] += weights["gain"] * (seen - self.settled[place])
        error, seen, settled = (seen - mean) / deviation, seen / deviation, self.settled[place]
        surprise = error**2 @ weights["of_error"] + seen**2 @ weights["of_change"]
        surprise += (settled / deviation) ** 2 @ weights["of_settled"]
        softsigns = [view / (1 + abs(view)) for view in (*error, *seen)]
        return np.log1p([np.mean(error**2), np.mean(seen**2)]), surprise, softsigns

    def near(self, place, values, kernel):
        padded = np.pad(values, 1)
        return (padded[place[0] :, place[1] :][:3, :3] * kernel).sum()

    def remember(self, place, inputs):
        weights, memory = self.weights, self.memory[place]
        new = np.split(inputs @ weights["input_kernel"] + weights["input_bias"], 3)
        old = np.split(memory @ weights["recurrent_kernel"] + weights["recurrent_bias"], 3)
        update, reset = (1 / (1 + np.exp(-new[k] - old[k])) for k in range(2))
        candidate = np.tanh(new[2] + reset * old[2])
        self.memory[place] = update * memory + (1 - update) * candidate


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 6)])
def test_it_is_what_its_formulas_say(shape):
    generator, weights = np.random.default_rng(1), random_weights()
    found, plain = Predictor(weights), Plain(weights, shape)
    found.begin(shape)
    for frame in range(8):
        changes = generator.normal(0, 0.3, (*shape, 16)).astype("float32")
        surprise = found.observe(changes)
        assert surprise.shape == shape and surprise.dtype == "float32"
        np.testing.assert_allclose(surprise, plain.observe(changes), rtol=1e-4, atol=1e-4)
        # What is computed is settled; in every second frame nothing is.
        computed = generator.random(shape) < 0.4
        plain.settled[computed & (frame % 2 == 0)] = 0
        found.look_ahead(computed if frame % 2 == 0 else None)


def test_the_order_of_changes_in_memory_makes_no_difference():
    changes = np.random.default_rng(1).normal(0, 0.3, (4, 6, 16)).astype("float32")
    surprises = []
    for order in ("C", "F"):
        predictor = Predictor(random_weights())
        predictor.begin((4, 6))
        surprises.append(predictor.observe(np.array(changes, order=order)))
    np.testing.assert_allclose(*surprises, rtol=1e-5)


def test_another_beginning_forgets_all():
    changes = np.random.default_rng(1).normal(0, 0.3, (4, 6, 16)).astype("float32")
    predictor = Predictor(random_weights())
    surprises = []
    for _ in range(2):
        predictor.begin((4, 6))
        surprises.append(predictor.observe(changes))
        predictor.look_ahead(None)
    np.testing.assert_array_equal(*surprises)
