import pytest

from edgedet.errors import DataError
from edgedet.evaluation.class_map import meet


def test_spellings_meet():
    classes = meet(["person", "tv", "couch"], ["sofa", "TVmonitor", "person"])
    assert classes.names == ("person", "tv", "couch")  # The model's spelling and order.
    assert classes.from_data.tolist() == [2, 1, 0]
    assert classes.from_model.tolist() == [0, 1, 2]


def test_what_the_model_lacks_is_left_out_and_what_the_data_lacks_stays():
    classes = meet(["cat", "dragon"], ["dog", "cat"])
    assert classes.names == ("cat", "dragon")
    assert classes.from_data.tolist() == [-1, 0]


def test_chosen_classes():
    classes = meet(["cat", "dog", "tv"], ["cat", "dog", "tv"], ["tvmonitor", "cat"])
    assert classes.names == ("cat", "tv")
    assert classes.from_model.tolist() == classes.from_data.tolist() == [0, -1, 1]


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        ((), "face"),  # Nothing in common.
        (("person",), "person"),  # Known to the data only.
    ],
)
def test_no_class_in_common(chosen, named):
    with pytest.raises(DataError, match=f"(?s)none for {named}.*knows face.*labels person, dog"):
        meet(["face"], ["person", "dog"], chosen)


def test_a_misspelt_class_is_named():
    with pytest.raises(DataError, match="none for persn"):
        meet(["person"], ["person"], ["person", "persn"])
