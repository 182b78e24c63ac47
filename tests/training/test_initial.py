"""A training starts from the weights of another model."""

import logging

import numpy as np
import pytest

from edgedet.errors import DataError
from edgedet.models import Phantom
from edgedet.pruning import prune_channels
from edgedet.training.initial import adopt, shaped_as


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


def test_a_model_is_as_narrow_as_the_pruned_one_it_goes_on_from(saved, tmp_path):
    source, _ = saved
    worth = {"c4a_up_norm": np.ones((1, 64)), "p2_smooth_norm": 0.1 * np.arange(32.0)[None]}
    network = prune_channels(source.network, 0.1, worth)
    source.with_network(network).save(tmp_path / "pruned.keras")

    model = Phantom(input_size=(96, 96), class_names=("face", "hand"))
    made = shaped_as(model, tmp_path / "pruned.keras")

    assert made.input_size == (96, 96) and made.class_names == ("face", "hand")
    for layer in network.layers:
        if hasattr(layer, "filters") and "class_logits" not in layer.name:
            assert made.network.get_layer(layer.name).filters == layer.filters
    assert made.count_params() < model.count_params()
    adopt(made, tmp_path / "pruned.keras")
    norm = made.network.get_layer("p2_smooth_norm").gamma
    np.testing.assert_array_equal(norm, network.get_layer("p2_smooth_norm").gamma)


def test_a_model_that_goes_on_from_a_whole_one_stays_whole(saved):
    _, path = saved
    model = Phantom(input_size=(64, 64))
    assert shaped_as(model, path) is model
