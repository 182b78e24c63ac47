import numpy as np
import pytest

from edgedet.models.predictor import Predictor
from edgedet.runtime.sparse import Prediction
from edgedet.runtime.sparse.grid import CellGrid
from edgedet.training.films import LENGTH, Films
from edgedet.training.predictor import PredictorLearner, train_predictor

SIZE = (24, 32)


class Stored(CellGrid):
    """A grid of samples that were taken already, each a pixel."""

    step = 1

    def brightness(self, frame):
        return frame


def films(count=6, frames=LENGTH + 4, seed=0):
    """Return a noisy room in which a bright square moves through the upper half, if at all."""
    generator = np.random.default_rng(seed)
    room = generator.uniform(60, 160, (count, 1, *SIZE)).repeat(frames, axis=1)
    for film in range(0, count, 2):
        for number in range(frames):
            room[film, number, 4:10, number : number + 6] += 80
    samples = room * generator.uniform(0.9, 1.1, (count, frames, 1, 1))
    samples = samples + generator.normal(0, 3, room.shape)
    quarters = [np.round(4 * np.clip(a, 0, 255)) / 4 for a in (samples, room)]
    return Films(*(a.astype("float32") for a in quarters))


def test_it_watches_as_the_gate_does():
    data = films()
    predictor = Predictor()
    # Before it learns, it is easily surprised.
    predictor.log_threshold.assign(3.5)
    watched = PredictorLearner(predictor)(vars(data)).numpy()
    # A cell of four samples is a patch, in frames that are the network input.
    grid = Stored(SIZE, SIZE, 4)
    computed = 0
    for film, surprise in zip(data.samples, watched, strict=True):
        gate = Prediction(predictor.device_weights())
        gate(film[0], grid)
        for frame, expected in zip(film[1:], surprise, strict=True):
            active = gate(frame, grid)
            computed += active.any()
            # A share of .7 is another scene, which the learner does not know.
            assert not active.all()
            np.testing.assert_allclose(gate.surprise, expected, rtol=2e-3, atol=1e-3)
    assert computed > 10


def test_nothing_is_asked_for_where_nothing_changes():
    data = films()
    for frame in PredictorLearner(Predictor()).watch(vars(data)):
        assert not frame["changed"][1::2].numpy().any(), "whatever light and noise do"


def test_what_is_computed_is_not_asked_for_again():
    learner = PredictorLearner(Predictor())
    always, never = (
        [frame["changed"].numpy() for frame in learner.watch(vars(films()), bias)]
        for bias in (-1e9, 1e9)
    )
    assert always[-1][0].max() == never[-1][0].max() == 1
    assert always[-1].sum() < 0.7 * never[-1].sum()


@pytest.mark.slow
def test_it_learns_to_tell_the_square_from_noise_and_light():
    data, held_out = films(24), films(12, seed=1)
    predictor = Predictor()

    def errors():
        learner = PredictorLearner(predictor)
        frames = list(learner.watch(vars(held_out)))
        changed, found = (
            np.stack([frame[key] for frame in frames]) for key in ("changed", "logits")
        )
        return np.mean(found[changed == 0] > 0), np.mean(found[changed == 1] < 0)

    before = sum(errors())
    history = train_predictor(predictor, data, steps=100)
    assert history["loss"][-1] < history["loss"][0]
    false_alarms, misses = errors()
    assert false_alarms + misses < before and false_alarms < 0.02 and misses < 0.1
