from pathlib import Path

import numpy as np
import pytest

from edgedet.data.record import Dataset, Record
from edgedet.data.sets.domains import parse_domains, with_domains
from edgedet.errors import DataError


def dataset(*sets):
    nothing = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    records = [Record(Path("a.png"), *nothing, dataset=name) for name in sets]
    return Dataset(records, ("person",), (1,), "drawn")


def test_domains_have_their_places():
    assert parse_domains(["zoo=wildlife", "a=b=human"]) == {"zoo": 0, "a=b": 1}
    assert parse_domains([]) == {}


@pytest.mark.parametrize("entry", ["zoo", "zoo=animals", "=human"])
def test_what_is_no_domain_is_refused(entry):
    with pytest.raises(DataError, match=f"--set-domains: expected .*wildlife.*found '{entry}'"):
        parse_domains([entry])


def test_sets_are_called_by_their_folder_or_by_their_records():
    view, folder = with_domains(
        [dataset("zoo", "city"), dataset("", "")], ["view", "sirst"], {"zoo": 0, "sirst": 2}
    )
    assert [record.domain for record in view.records] == [0, -1]
    assert [record.domain for record in folder.records] == [2, 2]


def test_a_set_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="sets that are there, city, zoo, found view, moon"):
        with_domains([dataset("zoo", "city")], ["view"], {"zoo": 0, "view": 1, "moon": 2})
    assert with_domains([dataset("zoo")], ["view"], {})[0][0].domain == -1
