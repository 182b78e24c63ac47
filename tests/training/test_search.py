import pytest

from edgedet.errors import UsageError
from edgedet.settings import Optimization
from edgedet.training import Recipe
from edgedet.training.search import USUAL, parse_space, values_in

RECIPE = Recipe()


class Trial:
    """Answers every question with what was asked."""

    def suggest_categorical(self, name, options):
        return name, tuple(options)

    def suggest_int(self, name, low, high, log):
        return name, int, low, high, log

    def suggest_float(self, name, low, high, log):
        return name, float, low, high, log


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        # Ten times and more is searched by orders of magnitude.
        ("learning-rate=0.001:0.01", ("learning-rate", float, 0.001, 0.01, True)),
        ("learning_rate=0.001:0.009", ("learning-rate", float, 0.001, 0.009, False)),
        ("mosaic=0:1", ("mosaic", float, 0.0, 1.0, False)),
        ("batch-size=8:64", ("batch-size", int, 8, 64, False)),
        ("batch-size=8,32", ("batch-size", (8, 32))),
        ("assigner=center,simota", ("assigner", ("center", "simota"))),
        ("optimizer", ("optimizer", ("adamw", "muon", "sgd"))),
        ("cache", ("cache", (False, True))),
    ],
)
def test_what_varies(text, asked):
    [dimension] = parse_space(RECIPE, [text])
    assert dimension.draw(Trial()) == asked


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour=1:2", "expected a setting of the recipe, found 'colour'"),
        ("learning-rate=fast", "could not convert string to float"),
        ("learning-rate=0.1:0.01", "0.1 is not below 0.01"),
        ("batch-size=8:9.5", "Whole numbers for a setting that counts something"),
        ("mosaic=0:2", "--mosaic: expected 0 to 1, found 2"),
        ("assigner=best", "--assigner: expected one of center, fcos"),
        ("epochs", "found no values"),
        ("classes=face", "no number and no name"),
    ],
)
def test_what_cannot_vary(text, message):
    with pytest.raises(UsageError, match=message):
        parse_space(RECIPE, [text])


def test_without_a_wish_the_usual_varies():
    assert [each.flag for each in parse_space(RECIPE)] == [
        "--" + text.partition("=")[0] for text in USUAL
    ]


def test_the_recipes_own_values():
    recipe = Recipe(batch_size=7, optimization=Optimization(learning_rate=0.5))
    space = parse_space(recipe, ["learning-rate=0.1:1", "batch-size=1:9"])
    assert values_in(recipe, space) == {"--learning-rate": 0.5, "--batch-size": 7}
