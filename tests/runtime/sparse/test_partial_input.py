"""A part of the network input is the same part of what `preprocess` makes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedet import images
from edgedet.runtime.preprocess import preprocess
from edgedet.runtime.sparse import partial_input
from edgedet.runtime.sparse.partial_input import renew

# (height, width) of cameras: enlarged, as it is, shrunk by fractions and by whole blocks.
FRAMES = [(96, 128), (128, 96), (240, 320), (240, 360), (480, 640), (360, 480), (720, 1280)]


def spans(side):
    return st.tuples(st.integers(0, side - 1), st.integers(1, side)).filter(lambda s: s[0] < s[1])


def frames(size, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (2, *size, 3)).astype("uint8")


def renewed(before, after, rows, columns, side=128):
    """Return the network input of `before` with a part of `after`, and that of each alone."""
    old, new = (preprocess(frame, (side, side))[0] for frame in (before, after))
    batch = old.copy()
    renew(batch, after, rows, columns)
    return batch, old, new


@pytest.mark.parametrize("size", FRAMES)
@settings(deadline=None, max_examples=15)
@given(rows=spans(128), columns=spans(128))
def test_a_part_is_as_in_the_whole(size, rows, columns):
    batch, old, new = renewed(*frames(size), rows, columns)

    part = np.s_[0, slice(*rows), slice(*columns)]
    np.testing.assert_array_equal(batch[part], new[part])
    # What is written beside it is right, too.
    assert ((batch == new) | (batch == old)).all()


@settings(deadline=None, max_examples=60)
@given(st.tuples(st.integers(1, 700), st.integers(1, 700)), spans(64), spans(64))
def test_whatever_the_size_it_differs_by_a_grey_level_at_most(size, rows, columns):
    batch, _, new = renewed(*frames(size), rows, columns, side=64)
    part = np.s_[0, slice(*rows), slice(*columns)]
    assert np.abs(batch[part].astype(int) - new[part]).max() <= 1


@pytest.mark.parametrize(
    ("size", "scaled"),
    [
        # Two pixels more on each side, and no blocks are cut: five pixels of the frame make one.
        ((480, 640), (24, 24)),
        # Ten make four: rows 22-46 of those below the padding are 20-48, columns 28-52 are whole.
        ((240, 320), (28, 24)),
    ],
)
def test_only_what_is_needed_is_scaled(monkeypatch, size, scaled):
    before, after = frames(size)
    batch = preprocess(before, (128, 128))[0]
    sizes = []
    scale = images.resample
    monkeypatch.setattr(
        partial_input.images, "resample", lambda *args: sizes.append(args[1]) or scale(*args)
    )
    renew(batch, after, (40, 60), (30, 50))
    assert sizes == [scaled]


def test_padding_stays_as_it_is():
    batch, old, _ = renewed(*frames((240, 320)), (0, 16), (0, 128))
    np.testing.assert_array_equal(batch, old)
