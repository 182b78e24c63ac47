"""Windows of a network in NumPy: its stages look back and ahead, and one makes what is finer."""

from types import SimpleNamespace

import numpy as np
import pytest

from edgedet.manifest import Stage
from edgedet.runtime.sparse.staged import IMAGES, FeatureMaps, StagedNetwork
from edgedet.runtime.sparse.windows import Window

# Not square, so that no side is taken for the other; 8 x 12 cells.
HEIGHT, WIDTH = 16, 24
CELLS = 8 * 12


def halve(images):
    """Return the sums of 4 x 4 pixels: those of each cell of two, and of the cell before it."""
    padded = np.pad(images, ((0, 0), (2, 0), (2, 0), (0, 0)))
    half = images.shape[1], images.shape[2]
    shifts = [padded[:, down : down + half[0] : 2] for down in range(4)]
    rows = sum(shifts)
    return {"half": sum(rows[:, :, right : right + half[1] : 2] for right in range(4))}


def double(half):
    """Return each cell less those before and after it, across, as 2 x 2 pixels."""
    padded = np.pad(half, ((0, 0), (1, 1), (1, 1), (0, 0)))
    cells = half - padded[:, :-2, :-2] - padded[:, 2:, 2:]
    return {"whole": cells.repeat(2, axis=1).repeat(2, axis=2)}


SHAPES = {
    IMAGES: (1, HEIGHT, WIDTH, 1),
    "half": (1, HEIGHT // 2, WIDTH // 2, 1),
    "whole": (1, HEIGHT, WIDTH, 1),
}


def runner(run, *names):
    return SimpleNamespace(run=run, shapes={name: SHAPES[name] for name in names})


RUNNERS = {"halve": runner(halve, IMAGES, "half"), "double": runner(double, "half", "whole")}
ENGINE = SimpleNamespace(stage=RUNNERS.get, to_input=np.copy, real=dict)


def network(*stages):
    stages = stages or (
        Stage("halve", (IMAGES,), ("half",), halo=(1, 0), macs=CELLS),
        Stage("double", ("half",), ("whole",), halo=(1, 1), macs=CELLS),
    )
    return StagedNetwork(ENGINE, SimpleNamespace(input_size=(HEIGHT, WIDTH), stages=stages))


def pixels(seed):
    return np.random.default_rng(seed).integers(0, 256, SHAPES[IMAGES])


def computed(images, windows=None, before=None):
    features = FeatureMaps(network())
    if before is not None:
        features.update(before, None)
    features.update(images, windows)
    return features.raw()


WINDOWS = [Window(2, 3, 5, 7), Window(0, 0, 1, 1), Window(0, 2, 8, 5), Window(7, 11, 8, 12)]


@pytest.mark.parametrize("sides", [(8, 12), (3, 12), (3, 5), (1, 1)])
def test_windows_that_hold_everything_are_the_network(sides):
    tops, lefts = range(0, 8, sides[0]), range(0, 12, sides[1])
    windows = [
        Window(top, left, min(top + sides[0], 8), min(left + sides[1], 12))
        for top in tops
        for left in lefts
    ]
    found, expected = computed(pixels(1), windows, before=pixels(0)), computed(pixels(1))
    for name in ("half", "whole"):
        np.testing.assert_array_equal(found[name], expected[name])


@pytest.mark.parametrize("window", WINDOWS)
def test_what_is_finer_changes_in_the_window_and_nowhere_else(window):
    found = computed(pixels(1), [window], before=pixels(0))["whole"]
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[2 * window.top : 2 * window.bottom, 2 * window.left : 2 * window.right] = True
    before = computed(pixels(0))["whole"]
    assert (found[0, inside] != before[0, inside]).any()
    np.testing.assert_array_equal(found[0, ~inside], before[0, ~inside])


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_is_computed_from_all_pixels_that_it_sees_and_from_no_others(window):
    rows, columns = network().seen(window)
    seen = np.zeros(SHAPES[IMAGES], bool)
    seen[:, slice(*rows), slice(*columns)] = True
    images = np.where(seen, pixels(1), pixels(2))

    expected = computed(pixels(1), [window], before=pixels(0))
    found = computed(images, [window], before=pixels(0))
    np.testing.assert_array_equal(found["half"], expected["half"])

    for row, column in ((rows[0], columns[0]), (rows[1] - 1, columns[1] - 1)):
        other = images.copy()
        other[0, row, column] += 1
        assert (computed(other, [window], before=pixels(0))["half"] != found["half"]).any()


@pytest.mark.parametrize(
    ("window", "rows", "columns"),
    [
        # Cells of two pixels; a cell before the window, and none behind it.
        (Window(2, 3, 5, 7), (2, 10), (4, 14)),
        (Window(1, 1, 2, 2), (0, 4), (0, 4)),
        # Before the image is nothing.
        (Window(0, 0, 8, 12), (0, 16), (0, 24)),
    ],
)
def test_what_a_window_sees_by_hand(window, rows, columns):
    assert network().seen(window) == (rows, columns)


def test_a_window_sees_what_any_of_its_stages_sees():
    near = Stage("halve", (IMAGES,), ("half",), halo=(1, 2))
    far = Stage("halve", (IMAGES,), ("half",), halo=(3, 1))
    # Three cells before and two behind, whichever comes first.
    for stages in ((near, far), (far, near)):
        assert network(*stages).seen(Window(4, 4, 5, 6)) == ((2, 14), (2, 16))
        assert network(*stages).seen(Window(2, 10, 3, 11)) == ((0, 10), (14, 24))


@pytest.mark.parametrize(
    ("window", "macs"),
    [
        # One for each cell; both stages look at a cell before, and the second at one behind.
        (Window(2, 3, 5, 7), 4 * 5 + 5 * 6),
        # At a border there are fewer.
        (Window(7, 11, 8, 12), 2 * 2 + 2 * 2),
        (Window(6, 0, 8, 3), 3 * 3 + 3 * 4),
        (Window(0, 0, 8, 12), CELLS + CELLS),
    ],
)
def test_multiplications_by_hand(window, macs):
    features = FeatureMaps(network())
    features.update(pixels(0), None)
    assert features.update(pixels(1), [window]) == macs
