import pytest

from edgedet.errors import DataError
from edgedet.settings import Zoom


def test_the_smallest_is_at_most_the_largest():
    with pytest.raises(DataError, match="--zoom-smallest: expected at most --zoom-largest, 20"):
        Zoom(smallest=50.0, largest=20.0)
    assert Zoom(smallest=20.0, largest=20.0)
