import pytest

from edgedet import outputs

DENSE = ("class_logits", "box_raw")


def test_every_kind_is_found_by_its_own_name():
    assert all(kind.name == name for name, kind in outputs.KINDS.items())


def test_tensors_are_named_by_level_and_kind():
    assert outputs.tensor_name("p3", "box_raw") == "p3_box_raw"


def test_a_role_is_played_by_one_kind_or_none():
    kinds = (*DENSE, "centerness_logits")
    assert outputs.of_role(kinds, outputs.CLASS) == "class_logits"
    assert outputs.of_role(kinds, outputs.QUALITY) == "centerness_logits"
    assert outputs.of_role(kinds, outputs.OBJECTNESS) is None


@pytest.mark.parametrize(
    "more",
    [(), ("objectness_logits", "quality_logits"), ("centerness_logits", "box_log_variance")],
)
def test_what_a_head_may_say(more):
    outputs.check((*DENSE, *more))
    roles = [outputs.KINDS[kind].role for kind in (*DENSE, *more)]
    assert len(set(roles)) == 2 + len(more)


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ((*DENSE, "smell"), r"found \['smell'\]"),
        (("class_logits", "box_ltrb"), r"found \['box_ltrb'\]"),
        ((*DENSE, "centerness_logits", "quality_logits"), "centerness_logits beside quality"),
        ((*DENSE, "box_raw"), "box_raw beside box_raw"),
        (("class_logits",), "expected box among the roles, found class_logits"),
        ((), "expected box and class among the roles, found none"),
    ],
)
def test_what_no_runtime_could_decode(kinds, message):
    with pytest.raises(ValueError, match=message):
        outputs.check(kinds)
