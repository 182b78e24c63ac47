import sys

import numpy as np
import pytest

from edgedet.data.sequences import digit_sequences, digits
from edgedet.errors import MissingExtraError


def test_digits_move_on_noise():
    batch = next(iter(digit_sequences((64, 64), 8, 4, seed=0)))
    labels = batch["labels"].numpy()
    assert labels.max() <= 9 and (labels >= 0).any(axis=(1, 2)).all()
    boxes = batch["boxes"].numpy()
    seen = (labels >= 0).all(axis=1, keepdims=True) & (labels >= 0)
    moved = np.abs(boxes[:, -1] - boxes[:, 0]).max(axis=-1)[seen[:, 0]]
    assert (moved > 1).any()
    assert len(np.unique(batch["images"].numpy())) > 50, "noise"


def test_the_same_seed_gives_the_same_digits():
    one, again = (next(iter(digit_sequences((64, 64), 3, 2, seed=7))) for _ in range(2))
    np.testing.assert_array_equal(one["images"], again["images"])


@pytest.mark.parametrize("label", range(10))
def test_a_digit_is_brightest_inside_of_its_box(label):
    sprite = digits.digit(label)
    alpha = np.asarray(sprite.picture.getchannel("A"), float)
    left, top, right, bottom = sprite.box.astype(int)
    assert sprite.label == label
    assert alpha[top:bottom, left:right].sum() == alpha.sum() > 0


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    digits._load.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingExtraError, match=r"edgedet\[train\]"):
        digit_sequences((64, 64), 3, 2)
