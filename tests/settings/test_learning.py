import pytest

from edgedet.errors import DataError
from edgedet.losses.detection import BOX_LOSSES, CLASS_LOSSES
from edgedet.settings import Assignment, Loss
from edgedet.settings.setting import flatten
from edgedet.targets import ASSIGNERS


def test_the_choices_are_what_there_is():
    # Settings are read where Keras cannot be imported, so the names stand there too.
    fields = flatten(Loss())
    assert set(fields["--class-loss"][1].metadata["options"]) == set(CLASS_LOSSES)
    assert set(fields["--box-loss"][1].metadata["options"]) == set(BOX_LOSSES)
    fields = flatten(Assignment())
    assert set(fields["--assigner"][1].metadata["options"]) == set(ASSIGNERS)


def test_a_radius_is_refused_where_there_is_none():
    assert Assignment("simota", radius=2.0)
    with pytest.raises(DataError, match="--radius: expected 0 with --assigner atss"):
        Assignment("atss", radius=2.0)
