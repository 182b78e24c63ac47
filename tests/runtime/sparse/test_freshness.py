import numpy as np
import pytest

from edgedet.runtime.sparse.freshness import Freshness


@pytest.mark.parametrize("interval", [1, 2, 3, 4, 7, 50, 150])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (16, 16)])
def test_no_cell_is_older_than_the_interval(interval, shape):
    freshness, age = Freshness(shape, interval), np.zeros(shape, int)
    for frame in range(1, 4 * interval + 8):
        due = freshness.due()
        age = np.where(due, 0, age + 1)
        assert age.max() < interval
        if frame == interval + 3:
            freshness.restart()
            age[:] = 0


def test_every_frame_where_the_interval_is_one():
    freshness = Freshness((4, 4), 1)
    assert all(freshness.due().all() for _ in range(5))


def test_no_frame_pays_for_everything():
    freshness = Freshness((16, 16), 40)
    shares = [freshness.due().mean() for _ in range(80)]
    assert max(shares) == 0.25
    assert sum(shares) == 2
