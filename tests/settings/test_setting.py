import dataclasses
from typing import ClassVar

import pytest

from edgedet.errors import DataError
from edgedet.settings import Settings, choice, names, number, size, switch
from edgedet.settings.setting import flatten, from_json, replace


@dataclasses.dataclass(frozen=True)
class Inner(Settings):
    prefix: ClassVar[str] = "inner"

    share: float = number(0.5, 0, 1, "A share.")
    kind: str = choice("a", ("a", "b"), "A kind.")


@dataclasses.dataclass(frozen=True)
class Outer(Settings):
    many_steps: int = number(3, 1, float("inf"), "Steps.")
    shown: bool = switch(True, "Whether.")
    input_size: tuple[int, int] = size((8, 9), "Size.")
    words: tuple[str, ...] = names("Words.")
    inner: Inner = Inner()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Outer(many_steps=0), r"^--many-steps: expected at least 1, found 0\.\n\S"),
        (lambda: Inner(share=1.5), "^--inner-share: expected 0 to 1, found 1.5"),
        (lambda: Inner(share=float("nan")), "--inner-share: .* found nan"),
        (lambda: Outer(many_steps=float("inf")), "--many-steps: expected at least 1, found inf"),
        (lambda: Inner(kind="c"), "--inner-kind: expected one of a, b, found c"),
        (lambda: Outer(input_size=(0, 4)), "--input-size: expected a height and a width"),
    ],
)
def test_what_is_out_of_its_limits_is_refused(make, message):
    with pytest.raises(DataError, match=message):
        make()


@pytest.mark.parametrize("share", [0, 1, 0.5])
def test_limits_are_included(share):
    assert Inner(share=share).share == share


def test_groups_flatten_to_flags():
    assert list(flatten(Outer())) == [
        "--many-steps", "--shown", "--input-size", "--words", "--inner-share", "--inner-kind",
    ]  # fmt: skip


def test_flags_replace_fields_at_any_depth_and_nothing_else():
    changed = replace(Outer(), {"--many-steps": 4, "--inner-kind": "b"})
    assert changed == Outer(many_steps=4, inner=Inner(kind="b"))
    assert replace(Outer(), {}) == Outer()


def test_what_is_replaced_is_checked():
    with pytest.raises(DataError, match="--inner-share"):
        replace(Outer(), {"--inner-share": 2.0})


def test_it_comes_back_from_json():
    value = Outer(4, False, (6, 5), ("x", "y"), Inner(0.1, "b"))
    fields = {
        "many_steps": 4, "shown": False, "input_size": [6, 5], "words": ["x", "y"],
        "inner": {"share": 0.1, "kind": "b"},
    }  # fmt: skip
    assert from_json(Outer(), fields) == value
    # An older version did not have it yet.
    del fields["words"], fields["inner"]["share"]
    older = Outer(4, False, (6, 5), Outer().words, Inner(Inner().share, "b"))
    assert from_json(Outer(), fields) == older
    with pytest.raises(ValueError, match="unknown: colour"):
        from_json(Outer(), {**fields, "colour": "blue"})
