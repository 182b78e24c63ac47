import dataclasses

import pytest

from edgedet.data.combine import combine
from edgedet.errors import DataError


def test_records_follow_one_another(greys):
    first, second = greys(2), dataclasses.replace(greys(3), source="more")
    both = combine([first, second])
    assert list(both.records) == [*first.records, *second.records]
    assert both.class_names == ("face",)
    assert both.source == "drawn, more"


def test_one_is_itself(greys):
    assert len(combine([greys(2)])) == 2


def test_other_classes_are_refused(greys):
    other = dataclasses.replace(greys(1), class_names=("cat",), source="cats")
    with pytest.raises(DataError, match=r"cats: .*face as in drawn, found cat\.\n.*--classes"):
        combine([greys(1), other])
