import dataclasses
import json

import pytest

from edgedet.errors import DataError
from edgedet.settings import Assignment, Feeding, Loss, Optimization, Zoom
from edgedet.training.recipe import Recipe
from edgedet.training.recipes import RECIPES


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_it_survives_a_round_trip(tmp_path, name):
    recipe = dataclasses.replace(
        RECIPES[name], data=("a", "b"), classes=("face",), seed=7, assignment=Assignment(radius=2),
        feeding=Feeding(Zoom(smallest=9.0), cache=True),
    )  # fmt: skip
    path = tmp_path / "recipe.json"
    path.write_text(recipe.to_json())
    assert Recipe.read(path) == recipe


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"model": "x"}', '{"model": "x", "data": [], "clases": []}']
)
def test_what_is_no_recipe_is_named(tmp_path, content):
    path = tmp_path / "recipe.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"recipe\.json: expected the recipe of a run"):
        Recipe.read(path)


def test_an_unknown_setting_is_refused(tmp_path):
    path = tmp_path / "recipe.json"
    fields = json.loads(Recipe("phantom").to_json())
    for changed in (
        {**fields, "colour": "blue"},
        {**fields, "loss": {**fields["loss"], "colour": "blue"}},
    ):
        path.write_text(json.dumps(changed))
        with pytest.raises(DataError, match="colour"):
            Recipe.read(path)
    path.write_text(json.dumps({**fields, "loss": 3}))
    with pytest.raises(DataError, match="expected the recipe of a run"):
        Recipe.read(path)
    with pytest.raises(DataError, match="no-such"):
        Recipe.read(tmp_path / "no-such.json")


def test_a_saved_setting_out_of_its_limits_is_refused(tmp_path):
    path = tmp_path / "recipe.json"
    fields = json.loads(Recipe("phantom").to_json())
    path.write_text(json.dumps({**fields, "loss": {**vars(Loss()), "box_weight": -1}}))
    with pytest.raises(DataError, match="--box-weight: expected at least 0, found -1"):
        Recipe.read(path)


def test_a_batch_has_equal_parts():
    Recipe(batch_size=12, optimization=Optimization(accumulate=4))
    with pytest.raises(
        DataError, match="--accumulate: expected a divisor of --batch-size, 12, found 5"
    ):
        Recipe(batch_size=12, optimization=Optimization(accumulate=5))


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 7}, {"evaluate_every": 3}, {"data": ("moved",)}, {"strategy": "mirrored"}],
)
def test_a_resumed_run_may_go_on_longer_and_elsewhere(changes):
    begun = Recipe(data=("here",))
    dataclasses.replace(begun, **changes).require_same(begun)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 64}, "--batch-size: expected 32, as the run began, found 64"),
        ({"seed": 1}, "--seed: expected 0"),
        ({"feeding": Feeding(Zoom(smallest=9.0))}, "--zoom-smallest: expected 5.0"),
        ({"loss": Loss(box_loss="ciou")}, "--box-loss: expected giou, .*found ciou.\n.*--initial"),
    ],
)
def test_a_resumed_run_may_not_become_another(changes, message):
    begun = Recipe()
    with pytest.raises(DataError, match=message):
        dataclasses.replace(begun, **changes).require_same(begun)


def test_a_run_of_before_is_read_with_what_was_done_then(tmp_path):
    path = tmp_path / "recipe.json"
    fields = json.loads(Recipe("phantom", seed=7).to_json())
    for name in ("network", "strategy", "distillation"):
        del fields[name]
    del fields["loss"]["domain_weight"], fields["feeding"]["zoom"]["jitter"]
    path.write_text(json.dumps(fields))
    assert Recipe.read(path) == Recipe("phantom", seed=7)
