import pytest

from edgedet.errors import DataError
from edgedet.models.fusion import FUSIONS
from edgedet.settings import Network, ThermalNormalization
from edgedet.settings.setting import flatten
from edgedet.thermal.normalization import POLARITIES


def test_the_choices_are_what_there_is():
    # Settings are read where Keras cannot be imported, so the names stand there too.
    fields = flatten(Network())
    assert set(fields["--fusion"][1].metadata["options"]) == {"", "none", *FUSIONS}
    assert fields["--sensor-polarity"][1].metadata["options"] == POLARITIES


def test_a_span_has_a_direction():
    with pytest.raises(DataError, match="--sensor-span: expected 0 to 1e\\+10, found -1"):
        ThermalNormalization(span=-1.0)
