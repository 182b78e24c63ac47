"""A training starts from the weights of another model."""

import logging

import numpy as np
import pytest

from edgedet.errors import DataError
from edgedet.models import Phantom
from edgedet.training.initial import adopt


@pytest.fixture
def saved(tmp_path):
    model = Phantom(input_size=(64, 64))
    model.save(tmp_path / "one.keras")
    return model, tmp_path / "one.keras"


def test_the_same_model_answers_the_same(saved):
    source, path = saved
    model = Phantom(input_size=(64, 64))
    images = np.random.default_rng(0).random((1, 64, 64, 3), "float32")
    assert not np.allclose(model(images)["box_ltrb"], source(images)["box_ltrb"])
    adopt(model, path)
    np.testing.assert_allclose(model(images)["box_ltrb"], source(images)["box_ltrb"], atol=1e-6)


def test_a_head_for_other_classes_begins_anew(saved, caplog):
    _, path = saved
    model = Phantom(input_size=(64, 64), class_names=("face", "hand"))
    with caplog.at_level(logging.INFO):
        adopt(model, path)
    assert "begun anew: p2_class_logits, p3_class_logits, p4_class_logits" in caplog.text


def test_a_foreign_model_is_refused(saved, monkeypatch):
    _, path = saved
    model = Phantom(input_size=(64, 64))
    for layer in model.network.layers:
        monkeypatch.setattr(layer, "name", f"other_{layer.name}")
    with pytest.raises(DataError, match="expected weights that fit Phantom, found none"):
        adopt(model, path)
