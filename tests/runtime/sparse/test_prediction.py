import numpy as np
import pytest

from edgedet.parts import append_part
from edgedet.runtime import EdgeDetector
from edgedet.runtime.sparse import Events, Prediction, SparseDetector
from edgedet.runtime.sparse.grid import CellGrid

GRID = CellGrid((96, 128), (64, 64), 8)
CHANNELS = 2


def weights(**changes):
    """Return a predictor that expects what it saw, with a standard deviation of .1.

    Patches are embedded in their mean and the difference of their upper and lower half.
    """
    mean = np.full(16, 1 / 16)
    halves = np.repeat([1 / 16, -1 / 16], 8)
    return {
        "embedding": np.stack([mean, halves], axis=1).astype("float32"),
        "input_kernel": np.zeros((2 * CHANNELS + 2, 3), "float32"),
        "input_bias": np.zeros(3, "float32"),
        "recurrent_kernel": np.zeros((1, 3), "float32"),
        "recurrent_bias": np.zeros(3, "float32"),
        "forecast_kernel": np.zeros((1, 2 * CHANNELS), "float32"),
        "forecast_bias": np.array([0, 0, *2 * [2 * np.log(0.1)]], "float32"),
        "gain": np.full(CHANNELS, 0.25, "float32"),
        "of_error": np.zeros(CHANNELS, "float32"),
        "of_change": np.ones(CHANNELS, "float32"),
        "of_settled": np.zeros(CHANNELS, "float32"),
        "energy": np.zeros(18, "float32"),
        "near": np.eye(9, dtype="float32")[4],
        "floor": np.zeros(CHANNELS, "float32"),
        "threshold": np.float32(4),
        **changes,
    }


def grey(level, shape=(96, 128)):
    frame = np.full((*shape, 3), level, "uint8")
    # Something that tells the light: half of the pixels are always the same.
    frame[:, shape[1] // 2 :] = 100
    return frame


def test_the_first_frame_is_all_new_and_the_same_again_is_no_surprise():
    gate = Prediction(weights())
    assert gate(grey(100), GRID).all()
    for _ in range(3):
        assert not gate(grey(100), GRID).any()
        assert not gate.surprise.any()


def test_surprise_is_the_squared_error_in_predicted_deviations():
    gate = Prediction(weights())
    gate(grey(100), GRID)
    frame = grey(100)
    # 8 x 8 pixels are 4 x 4 samples: a patch, which becomes (180 + 40) / (100 + 40) as bright.
    frame[40:48, 16:24] = 180
    active = gate(frame, GRID)
    expected = np.zeros((12, 16))
    expected[5, 2] = (np.log(220 / 140) / 0.1) ** 2
    np.testing.assert_allclose(gate.surprise, expected, rtol=1e-4)
    # Rows 40-47, columns 16-23 are 28-31, 8-11 of the input.
    assert np.argwhere(active).tolist() == [[3, 1]]


def test_half_a_patch_shows_in_both_channels():
    gate = Prediction(weights())
    gate(grey(100), GRID)
    frame = grey(100)
    frame[40:44, 16:24] = 180
    gate(frame, GRID)
    half = np.log(220 / 140) / 0.1 / 2
    np.testing.assert_allclose(gate.surprise[5, 2], 2 * half**2, rtol=1e-4)


def test_less_than_the_threshold_is_not_computed_and_the_threshold_may_be_another():
    frame = grey(100)
    frame[40:48, 16:24] = 110
    surprise = (np.log(150 / 140) / 0.1) ** 2
    for threshold, computed in ((0.9 * surprise, True), (1.1 * surprise, False), (None, False)):
        gate = Prediction(weights(), threshold)
        gate(grey(100), GRID)
        assert gate(frame, GRID).any() == computed


def test_what_was_computed_is_what_is_compared_with():
    gate = Prediction(weights())
    gate(grey(100), GRID)
    frame = grey(100)
    frame[40:48, 16:24] = 180
    assert gate(frame, GRID).any()
    assert not gate(frame, GRID).any()
    assert gate(grey(100), GRID).any(), "it is gone again"


def test_a_slow_change_adds_up():
    gate = Prediction(weights())
    gate(grey(100), GRID)
    found = 0
    for level in range(101, 161):
        frame = grey(100)
        frame[40:48, 16:24] = level
        found += gate(frame, GRID).any()
    # The threshold, 4, is two deviations of .1: from 100 it is 131 that is e^.2 as bright, with 40
    # more each, and from there 169.
    assert found == 1


def test_a_faint_lasting_change_surprises_more_and_more():
    only_settled = weights(
        of_change=np.zeros(CHANNELS, "float32"), of_settled=np.ones(CHANNELS, "float32")
    )
    gate = Prediction(only_settled, threshold=1e9)
    gate(grey(100), GRID)
    frame = grey(100)
    frame[40:48, 16:24] = 115
    surprises = []
    for _ in range(3):
        gate(frame, GRID)
        surprises.append(gate.surprise[5, 2])
    # A quarter of the way in each frame.
    whole = (np.log(155 / 140) / 0.1) ** 2
    shares = np.array([1 / 4, 7 / 16, 37 / 64])
    np.testing.assert_allclose(surprises, whole * shares**2, rtol=1e-3)


def test_what_is_predicted_is_no_error():
    # The mean is expected to be log(180 + 40) - log(100 + 40) everywhere, and is.
    jump = np.log(220 / 140)
    expecting = weights(
        of_error=np.ones(CHANNELS, "float32"),
        of_change=np.zeros(CHANNELS, "float32"),
        forecast_bias=np.array([jump, 0, *2 * [2 * np.log(0.1)]], "float32"),
    )
    gate = Prediction(expecting)
    gate(grey(100), GRID)
    frame = grey(100)
    frame[40:48, 16:24] = 180
    gate(frame, GRID)
    assert gate.surprise[5, 2] < 1e-3
    assert gate.surprise[0, 0] > 10, "what stays as it is is the surprise"


def test_a_predicted_variance_that_is_larger_makes_less_surprise():
    surprises = []
    for deviation in (0.1, 0.2):
        bias = np.array([0, 0, *2 * [2 * np.log(deviation)]], "float32")
        gate = Prediction(weights(forecast_bias=bias))
        gate(grey(100), GRID)
        frame = grey(100)
        frame[40:48, 16:24] = 180
        gate(frame, GRID)
        surprises.append(gate.surprise[5, 2])
    assert surprises[0] == pytest.approx(4 * surprises[1], rel=1e-4)


def test_where_one_patch_is_surprising_what_is_nearly_so_is_computed_too():
    strong, weak, weaker = 180, 145, 115
    expected = [(np.log((level + 40) / 140) / 0.1) ** 2 for level in (strong, weak, weaker)]
    threshold = 0.9 * expected[0]
    assert expected[1] > threshold / 4 > expected[2]
    frame = grey(100)
    for level, rows in ((weak, slice(8, 16)), (weaker, slice(72, 80))):
        frame[rows, 16:24] = level
    gate = Prediction(weights(), threshold)
    gate(grey(100), GRID)
    assert not gate(frame, GRID).any(), "alone they are not"
    frame[40:48, 16:24] = strong
    active = gate(frame, GRID)
    assert np.argwhere(active).tolist() == [[1, 1], [3, 1]]


def test_what_matters_to_nobody_is_added_to_the_variance():
    # .03 more than .01 is four times the variance.
    gate = Prediction(weights(floor=np.full(CHANNELS, 0.03, "float32")))
    gate(grey(100), GRID)
    frame = grey(100)
    frame[40:48, 16:24] = 180
    gate(frame, GRID)
    assert gate.surprise[5, 2] == pytest.approx((np.log(220 / 140) / 0.2) ** 2, rel=1e-4)


def test_more_light_is_no_surprise(room):
    gate = Prediction(weights())
    gate(room, GRID)
    assert not gate((room * 0.8).astype("uint8"), GRID).any()


def test_another_scene_is_computed_in_full(room, elsewhere):
    gate = Prediction(weights())
    gate(room, GRID)
    assert gate(elsewhere, GRID).all()


@pytest.mark.parametrize("shape", [(96, 128), (50, 70), (240, 360), (9, 300)])
def test_frames_of_any_size(shape, clutter):
    grid = CellGrid(shape, (64, 64), 8)
    gate = Prediction(weights())
    frame = clutter(0, shape)
    assert gate(frame, grid).all()
    assert not gate(frame, grid).any()
    assert gate(255 - frame, grid).any()


def test_a_frame_of_another_size_begins_anew(clutter):
    gate = Prediction(weights())
    for shape in ((96, 128), (50, 70)):
        assert gate(clutter(0, shape), CellGrid(shape, (64, 64), 8)).all()


def test_two_streams_know_nothing_of_each_other(room, elsewhere):
    gates = [Prediction(weights()) for _ in range(2)]
    for gate, frame in zip(gates, (room, elsewhere), strict=True):
        gate(frame, GRID)
    for gate, frame in zip(gates, (room, elsewhere), strict=True):
        assert not gate(frame, GRID).any()


def test_multiplications_by_hand(room):
    gate = Prediction(weights())
    gate(room, GRID)
    # 48 x 64 samples in 12 x 16 patches; matrices of 16 x 2, 6 x 3, 1 x 3 and 1 x 4; twelve for
    # each channel; of surprise and of two energies nine patches near.
    assert gate.macs == 2 * 48 * 64 + 12 * 16 * (32 + 18 + 3 + 4 + 24 + 27)


def test_a_file_with_a_predictor_uses_it(staged, tmp_path, room):
    path = tmp_path / staged.name
    path.write_bytes(staged.read_bytes())
    append_part(path, "predictor", weights())
    for file, gate in ((staged, Events), (path, Prediction)):
        sparse = SparseDetector(EdgeDetector.load(file))
        assert isinstance(sparse._watch._gate, gate)
        sparse(room)
        sparse(room)
        assert not sparse.activity.cells.any()
