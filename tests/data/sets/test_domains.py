from pathlib import Path

import numpy as np
import pytest

from edgedet.data.record import Dataset, Record
from edgedet.data.sets.domains import classes_of_domains, parse_domains, with_domains
from edgedet.errors import UsageError


def dataset(*sets):
    nothing = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    records = [Record(Path("a.png"), *nothing, dataset=name) for name in sets]
    return Dataset(records, ("person",), (1,), "drawn")


def test_domains_have_their_places():
    assert parse_domains(["zoo=wildlife", "a=b=human"]) == {"zoo": 0, "a=b": 1}
    assert parse_domains([]) == {}


@pytest.mark.parametrize("entry", ["zoo", "zoo=animals", "=human"])
def test_what_is_no_domain_is_refused(entry):
    with pytest.raises(UsageError, match=f"--set-domains: expected .*wildlife.*found '{entry}'"):
        parse_domains([entry])


def test_sets_are_called_by_their_folder_or_by_their_records():
    view, folder = with_domains(
        [dataset("zoo", "city"), dataset("", "")], ["view", "sirst"], {"zoo": 0, "sirst": 2}
    )
    assert [record.domain for record in view.records] == [0, -1]
    assert [record.domain for record in folder.records] == [2, 2]


def test_a_domain_holds_what_its_sets_label():
    nothing = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    labelled = ((0, [True, False, True]), (0, [False, False, True]), (1, None), (-1, None))
    records = [
        Record(Path("a.png"), *nothing, known=known and np.array(known), domain=domain)
        for domain, known in labelled
    ]
    names = ("person", "car", "animal")
    data = Dataset(records, names, (1, 2, 3), "drawn")
    # Nobody has seen the other domains: they may hold anything.
    assert classes_of_domains(data) == (("person", "animal"), names, names, names, names)
    assert classes_of_domains(Dataset(records[-1:], names, (1, 2, 3), "drawn")) == ()


def test_a_set_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="sets that are there, city, zoo, found view, moon"):
        with_domains([dataset("zoo", "city")], ["view"], {"zoo": 0, "view": 1, "moon": 2})
    assert with_domains([dataset("zoo")], ["view"], {})[0][0].domain == -1
