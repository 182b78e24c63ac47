import pytest

from edgedet.data.sets.class_selection import choose
from edgedet.errors import DataError

OFFERED = ("person", "motorbike", "Car")


def test_chosen_names_keep_their_order_and_get_the_spelling_of_coco():
    assert choose(("car", "motorbike"), OFFERED, "") == ("car", "motorcycle")
    assert choose(("motorcycle",), OFFERED, "") == ("motorcycle",)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (("persom",), "a class named 'persom', found none.\nDid you mean person?"),
        (("zebra",), "It has person, motorbike, Car."),
        (("person", "Person"), "found 'Person' a second time"),
    ],
)
def test_wrong_names_are_refused(classes, message):
    with pytest.raises(DataError, match="made.json: expected") as raised:
        choose(classes, OFFERED, "made.json")
    assert message in str(raised.value)
