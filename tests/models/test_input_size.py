import pytest

from edgedet.errors import ModelError
from edgedet.models.input_size import require_multiple


@pytest.mark.parametrize("size", [(32, 32), (96, 64), (320, 320)])
def test_multiples_pass(size):
    require_multiple("Nexus", size, of=32, such_as=320)


@pytest.mark.parametrize("size", [(33, 32), (32, 48), (0, 32), (-32, 32)])
def test_other_sizes_are_refused_with_the_cure(size):
    found = f"{size[0]} x {size[1]}"
    with pytest.raises(ModelError, match=rf"Nexus: .*multiples of 32, found {found}\.\n.*320"):
        require_multiple("Nexus", size, of=32, such_as=320)
