import inspect

import pytest

from edgedet import errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", KINDS)
def test_one_except_catches_all_that_a_user_can_cure(kind):
    assert issubclass(kind, errors.EdgedetError)
    assert str(kind("data.json: expected X.\nDo Y.")) == "data.json: expected X.\nDo Y."
    assert kind.__doc__


def test_mistakes_of_the_programmer_are_not_among_them():
    assert not issubclass(ValueError, errors.EdgedetError)
    assert not issubclass(errors.EdgedetError, (ValueError, OSError))
