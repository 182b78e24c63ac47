import keras
import numpy as np
import pytest

from edgedet import parts
from edgedet.models import Nexus, Phantom
from edgedet.models.memory import ObjectMemory
from edgedet.models.memory_loss import HORIZONS, box_loss, identity_loss
from edgedet.runtime.tracking import memory as device

TRACKS, FRAMES = 4, 7


def small(seed=0):
    """Return a memory that has learned something, whatever it is."""
    keras.utils.set_random_seed(seed)
    memory = ObjectMemory(size=6, side=4, hidden=5, embedding=3)
    random = np.random.default_rng(seed)
    memory.set_weights([0.4 * random.normal(size=w.shape) for w in memory.get_weights()])
    return memory


def tracks(seed=0, side=4):
    random = np.random.default_rng(seed)
    seen = random.uniform(size=(TRACKS, FRAMES)) < 0.6
    seen[0] = True
    return {
        "surprise": random.normal(size=(TRACKS, FRAMES, device.FEATURES)).astype("float32"),
        "patch": random.normal(size=(TRACKS, FRAMES, side * side * 3)).astype("float32"),
        "seen": seen,
    }


def test_keras_and_the_device_give_the_same_numbers():
    memory, given = small(), tracks()
    said = {name: np.asarray(value) for name, value in memory(given).items()}
    numpy = device.ObjectMemory(memory.weights_by_name())
    recalled = numpy.nothing(TRACKS)
    for t in range(FRAMES):
        looks = numpy.embedded(given["patch"][:, t])
        np.testing.assert_allclose(looks, said["looks"][:, t], atol=1e-5)
        now = np.flatnonzero(given["seen"][:, t])
        updated = numpy.update(recalled[now], given["surprise"][now, t], looks[now])
        recalled = recalled.renewed(now, updated)
        known = given["seen"][:, : t + 1].any(axis=1)
        # Who looks as expected costs nothing.
        unlike = np.diagonal(numpy.unlike(recalled, said["expected"][:, t]))
        np.testing.assert_allclose(unlike[known], 0, atol=1e-4)
        terms = numpy.corrections(recalled)
        np.testing.assert_allclose(terms[known], said["terms"][known, t], atol=1e-5)


def test_a_new_memory_leaves_filters_as_they_are():
    memory = ObjectMemory(size=6, side=4, hidden=0, embedding=3)
    assert not np.asarray(memory(tracks())["terms"]).any()


def test_a_saved_memory_is_the_same(tmp_path):
    memory = small()
    memory.save(tmp_path / "memory.keras")
    again = keras.models.load_model(tmp_path / "memory.keras")
    given = tracks()
    for name, value in memory(given).items():
        np.testing.assert_array_equal(value, again(given)[name])


@pytest.mark.parametrize(
    ("detector", "most"), [(Nexus, 60_000), (Phantom, 13_000)], ids=["nexus", "phantom"]
)
def test_memories_fit_their_budgets(detector, most, tmp_path):
    memory = detector().object_memory()
    weights = memory.weights_by_name()
    assert memory.count_params() == parts.parameters(weights) <= most
    if detector is Phantom:
        # The file of Phantom has room for 14,000 bytes; noise is the worst to compress.
        random = np.random.default_rng(0)
        noise = {name: random.normal(size=array.shape) for name, array in weights.items()}
        path = tmp_path / "part.zip"
        path.touch()
        parts.append_part(path, "memory", noise)
        assert path.stat().st_size <= 14_000


@pytest.mark.parametrize(("build", "argument"), [(Nexus, "memory_size"), (Phantom, "tracker_size")])
def test_its_size_is_an_argument_of_the_detector(build, argument):
    model = build(**{argument: 16})
    assert model.object_memory().size == 16
    assert type(model).from_config(model.get_config()).object_memory().size == 16


def likelihoods(error, variance=1.0, terms=None, known=True):
    shape = (1, 1, len(HORIZONS))
    given = {
        "error": np.broadcast_to(np.float32(error), (*shape, 4)),
        "variance": np.full((*shape, 4), variance, "float32"),
        "known": np.full(shape, known),
    }
    terms = np.zeros((1, 1, device.TERMS, 8), "float32") if terms is None else terms
    return float(box_loss(terms, given))


def test_box_loss_by_hand():
    assert likelihoods(0.0) == pytest.approx(0)
    # Half of 2 ** 2 / 4 and half of ln 4.
    assert likelihoods(2.0, variance=4.0) == pytest.approx(0.5 + np.log(4) / 2, rel=1e-5)
    assert likelihoods(2.0, known=False) == 0
    # A shift at once takes the error away; e ** 2 times the variance costs 1.
    terms = np.zeros((1, 1, device.TERMS, 8), "float32")
    terms[..., 0, :4], terms[..., 0, 4:] = 2.0, 2.0
    assert likelihoods(2.0, terms=terms) == pytest.approx(1.0, rel=1e-5)


def test_a_far_outlier_does_not_drown_the_others():
    # Quadratic up to five standard deviations, then a straight line.
    assert likelihoods(5.0) == pytest.approx(12.5, rel=1e-5)
    assert likelihoods(10.0) == pytest.approx(5 * 10 - 12.5, rel=1e-5)


def test_identity_loss_by_hand():
    looks = np.zeros((2, 2, 2), "float32")
    looks[0, :, 0] = looks[1, :, 1] = 1
    seen = np.ones((2, 2), bool)
    # The own look is e ** 10 times as likely as the other's.
    expected = np.log1p(np.exp(-10.0))
    assert float(identity_loss(looks, looks, seen)) == pytest.approx(expected, abs=1e-6)
    assert float(identity_loss(looks[::-1], looks, seen)) == pytest.approx(10 + expected, rel=1e-5)
    # Who is alone cannot be taken for another, who was never seen before is nobody's.
    alone = np.array([[True, True], [False, False]])
    assert float(identity_loss(looks[::-1], looks, alone)) == pytest.approx(0, abs=1e-6)
    late = np.array([[False, True], [False, True]])
    assert float(identity_loss(looks[::-1], looks, late)) == 0
