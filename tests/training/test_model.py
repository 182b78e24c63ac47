import dataclasses

import keras
import numpy as np
import pytest

from edgedet.errors import UsageError
from edgedet.models import MODELS
from edgedet.settings import Distillation, Feeding, Network, Optimization, ThermalNormalization
from edgedet.thermal import Normalization
from edgedet.training import RECIPES, Recipe
from edgedet.training.model import make_model, prepare

RECIPE = Recipe("tiny", input_size=(64, 64))


def student_of(**changes):
    keras.utils.set_random_seed(0)
    recipe = dataclasses.replace(RECIPE, **changes)
    model = make_model(recipe, ("face", "hand"))
    prepare(model, recipe, steps=10)
    return model


def test_it_has_the_classes_of_the_data():
    assert student_of().class_names == ("face", "hand")


def test_it_is_compiled_as_the_recipe_says():
    model = student_of(optimization=Optimization(optimizer="sgd", accumulate=4))
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert model.optimizer.built
    assert model.accumulate == 4
    assert [metric.name for metric in model.metrics] == ["loss", "class", "box"]


def test_a_teacher_adds_a_term(tmp_path):
    teacher = student_of()
    teacher.save(tmp_path / "teacher.keras")
    model = student_of(distillation=Distillation(str(tmp_path / "teacher.keras"), 0.5))
    assert [metric.name for metric in model.metrics] == ["loss", "class", "box", "teacher"]
    assert model.detection_loss.weight == 0.5


def test_mixed_precision_computes_short_and_answers_long():
    model = student_of(optimization=Optimization(precision="mixed_bfloat16"))
    layers = [layer for layer in model.network.layers if layer.weights]
    assert {layer.compute_dtype for layer in layers} == {"bfloat16"}
    assert {weight.dtype for weight in model.weights} == {"float32"}
    images = np.random.default_rng(0).random((1, 64, 64, 3), "float32")
    short, long = model(images), student_of()(images)
    for kind, value in long.items():
        assert short[kind].dtype == "float32"
        # bfloat16 has 8 bits of a number, so 1 in 256.
        np.testing.assert_allclose(short[kind], value, atol=0.03)
    # Other models are made as ever.
    assert keras.config.dtype_policy().name == "float32"


def test_other_sizes_have_assigners_of_their_own():
    model = student_of(feeding=Feeding(multi_scale=0.5))
    assert set(model.other_sizes) == {(32, 32), (96, 96)}
    assert not student_of().other_sizes


@pytest.mark.parametrize(
    ("share", "size", "teacher", "named"),
    [(0.5, (64, 64), "a teacher", "no teacher"), (0.2, (64, 64), "", "multiple of 32 from 64x64")],
)
def test_sizes_that_cannot_be_are_refused(tmp_path, share, size, teacher, named):
    if teacher:
        teacher = str(tmp_path / "teacher.keras")
        student_of().save(teacher)
    with pytest.raises(UsageError, match=named):
        student_of(
            feeding=Feeding(multi_scale=share),
            input_size=size,
            distillation=Distillation(teacher, 0.5),
        )


@pytest.mark.parametrize("synchronize", [True, False])
def test_batch_norms_meet_only_where_there_are_replicas(monkeypatch, synchronize):
    import edgedet.training.model as module

    def norms(replicas):
        monkeypatch.setattr(module, "replicas", lambda: replicas)
        model = student_of(optimization=Optimization(synchronize_norms=synchronize))
        layers = model.network.layers
        return {x.synchronized for x in layers if isinstance(x, keras.layers.BatchNormalization)}

    assert norms(1) == {False}
    assert norms(2) == {synchronize}


def test_what_is_set_of_the_network_reaches_it():
    sensor = ThermalNormalization(
        low=280.0, span=30.0, kelvin_per_count=0.01, polarity="white_hot", repair=False
    )
    network = Network(bands=2, adaptive=False, domains=True, normalization=sensor)
    recipe = Recipe("nightvision", input_size=(64, 64), network=network)
    manifest = make_model(recipe, ("a",)).manifest()
    assert manifest.bands == 2 and "domain_logits" in manifest.kinds
    expected = Normalization((280.0, 310.0), 0.01, polarity="white_hot", repair=False)
    assert manifest.thermal == expected
    recipe = Recipe("nexus", input_size=(64, 64), network=Network(fusion="none", box_voting=False))
    model = make_model(recipe, ("a",))
    assert model.fusion == "none"
    # Every model may be told to report the surest boxes; by itself Nexus reports means.
    assert not model.manifest().box_voting and type(model).box_voting


@pytest.mark.parametrize(
    ("network", "flag"),
    [
        (Network(fusion="place"), "--fusion"),
        (Network(adaptive=False), "--adaptive"),
        (
            Network(normalization=ThermalNormalization(repair=False)),
            "--sensor-low, --sensor-span, .*repair",
        ),
    ],
)
def test_what_a_model_does_not_have_is_refused(network, flag):
    with pytest.raises(UsageError, match=f"{flag}: expected a model that has it, found tiny"):
        make_model(dataclasses.replace(RECIPE, network=network), ("face",))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_plain_fit_learns_as_the_recipe_does(name):
    recipe = RECIPES[name]
    model = MODELS[recipe.model]
    assert (model.usual_assignment, model.usual_loss) == (recipe.assignment, recipe.loss)


def test_a_model_that_tells_domains_knows_what_they_hold():
    held = (("a",), ("b",), (), (), ())
    recipe = Recipe("nightvision", input_size=(32, 32), network=Network(domains=True))
    assert make_model(recipe, ("a", "b"), held).manifest().domain_classes == held
    plain = dataclasses.replace(recipe, network=Network())
    assert make_model(plain, ("a", "b"), held).manifest().domain_classes == ()
