"""Scores that mean something: which one becomes `min_score`, and that nothing else changes."""

import numpy as np
import pytest

from edgedet.errors import ModelError
from edgedet.models import Phantom


@pytest.fixture
def tool(load_tool):
    return load_tool("shift_scores")


def test_the_score_from_which_on_enough_are_right(tool):
    scores = np.array([0.2, 0.9, 0.6, 0.8, 0.4])
    right = np.array([True, True, False, True, True])
    # Best first: 1, 1, 2/3, 3/4, 4/5.
    assert tool.score_of(0.9, scores, right) == 0.8
    assert tool.score_of(0.75, scores, right) == 0.2
    assert tool.score_of(0.8, scores, right) == 0.2
    with pytest.raises(ModelError, match="found none"):
        tool.score_of(0.5, scores[2:3], right[2:3])


def test_all_scores_move_by_the_same_log_odds(tool, tmp_path, write_faces, monkeypatch, capsys):
    write_faces(tmp_path, train=3)
    model = Phantom((64, 64))
    model.save(tmp_path / "before.keras")
    # The third of three is at .01, and two of three are right.
    known = np.array([0.5, 0.2, 0.01]), np.array([True, True, False])
    monkeypatch.setattr(tool, "outcomes_of", lambda *_: known)
    words = [tmp_path / "before.keras", tmp_path / "after.keras", "--data", tmp_path]
    monkeypatch.setattr("sys.argv", ["shift_scores", *map(str, words)])
    tool.main()
    assert "90% are right from 0.200 on, which is 0.3 now" in capsys.readouterr().out

    from edgedet.models import load_detector

    images = np.random.default_rng(0).random((1, 64, 64, 3), "float32")
    before = model.network(images)
    after = load_detector(tmp_path / "after.keras").network(images)
    # From odds of 1/4 to odds of 3/7.
    shift = np.log(3 / 7) - np.log(1 / 4)
    for name, values in before.items():
        expected = values + (shift if "class_logits" in name else 0)
        np.testing.assert_allclose(after[name], expected, atol=1e-4)


def test_it_measures_on_images(tool, tmp_path, write_faces):
    write_faces(tmp_path, train=3)
    model = Phantom((64, 64))
    # A new model says .01 of everything, which is hardly worth reporting.
    bias = model.network.get_layer("p3_class_logits").bias
    bias.assign(bias + 2)
    args = type("Args", (), {"data": [tmp_path], "min_teacher_score": 0.6})
    scores, right = tool.outcomes_of(model, args)
    assert len(scores) == len(right) > 100 and right.dtype == bool
