"""What is computed of a frame: where the gate looks, what is old, and everything where it fails."""

import numpy as np
import pytest

from edgedet.runtime.sparse.watch import Watch


class Given:
    """A gate that answers with a share of the cells, from the top; counts how often it is asked."""

    macs = 7

    def __init__(self, share):
        self.share, self.asked = share, 0

    def __call__(self, frame, grid):
        self.asked += 1
        cells = np.zeros(grid.shape, bool)
        cells[: round(self.share * grid.shape[0])] = True
        return cells


FRAME = np.zeros((64, 64, 3), "uint8")


def looks(network, gate, count, interval=1000):
    watch = Watch(network, gate, interval)
    return [watch(FRAME) for _ in range(count)]


def test_the_first_frame_is_whole_and_the_next_is_what_the_gate_says(network):
    first, second = looks(network, Given(0.25), 2)
    assert first.windows is None and first.cells.all() and first.remembered
    assert second.windows == [(0, 0, 2, 8)]
    assert second.cells.sum() == 16 and second.remembered
    assert first.macs == second.macs == 7


def test_what_saves_nothing_is_computed_whole(network):
    # Six rows of eight with their halos are more than all of this network.
    look = looks(network, Given(0.75), 2)[1]
    assert look.windows is None and look.cells.all()


def test_windows_that_save_no_time_are_given_up(network):
    # Five rows of eight cost .87 of the multiplications: they save some, but with a fifth of a
    # frame for the window no time. Four rows cost .73 and save both.
    kinds = [look.windows for look in looks(network, Given(0.625), 60)]
    assert kinds[:16] == [None] + [[(0, 0, 5, 8)]] * 15
    assert kinds[16:40] == [None] * 24
    assert all(look.windows == [(0, 0, 4, 8)] for look in looks(network, Given(0.5), 200)[1:])


def test_where_everything_moves_the_gate_is_seldom_asked(network):
    gate = Given(1)
    found = looks(network, gate, 200)
    assert all(look.windows is None for look in found)
    # The first; ten; after 8, 16, 32, 32, 32 and 32 frames, two each.
    assert gate.asked == 1 + 10 + 2 * 6
    assert [look.macs for look in found].count(0) == 200 - gate.asked


def test_what_is_not_looked_at_is_not_remembered_until_the_last_of_a_rest(network):
    kept = [look.remembered for look in looks(network, Given(1), 22)]
    # The first; ten, of which the last fails and is forgotten at once; a rest of eight; a new one.
    assert kept == [True] * 10 + [False] * 9 + [True] + [False] * 2


def test_a_frame_after_a_rest_is_compared_with_one_that_is_remembered(network):
    gate = Given(1)
    watch = Watch(network, gate, 1000)
    for _ in range(19):
        watch(FRAME)
    gate.share = 0
    renewed, next_one = watch(FRAME), watch(FRAME)
    assert renewed.windows is None and renewed.remembered
    assert next_one.windows == [] and not next_one.cells.any()


def test_another_size_begins_anew(network):
    gate = Given(1)
    watch = Watch(network, gate, 1000)
    for _ in range(14):
        watch(FRAME)
    assert not watch(FRAME).remembered
    assert watch(np.zeros((48, 64, 3), "uint8")).remembered


@pytest.mark.parametrize("interval", [4, 9])
def test_old_cells_are_computed(network, interval):
    found = looks(network, Given(0), interval + 1, interval)
    assert np.any([look.cells for look in found[1:]], axis=0).all()
