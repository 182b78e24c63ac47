"""Stages over windows give what the network gives over the whole."""

import dataclasses
import itertools

import numpy as np
import pytest

from edgedet.errors import ModelError
from edgedet.runtime.sparse.staged import IMAGES, FeatureMaps, StagedNetwork
from edgedet.runtime.sparse.windows import CALL, Window

# Sums of floats may be made in another order; integers are exact.
TOLERANCE = {"float": 1e-4, "int8": 0}


def check_equal(detect, found, expected):
    assert found.keys() == expected.keys()
    tolerance = TOLERANCE[detect.manifest.precision]
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], atol=tolerance, err_msg=name)


def computed(network, images, windows=None, before=None):
    features = FeatureMaps(network)
    if before is not None:
        features.update(before, None)
    features.update(images, windows)
    return features


def test_all_stages_together_are_the_network(detect, network, inputs):
    check_equal(detect, computed(network, inputs(0)).raw(), detect.engine(inputs(0)))


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 1), (2, 2), (3, 3), (8, 8)])
def test_windows_that_hold_everything_are_the_network(detect, network, inputs, rows, columns):
    # Every window of a tiling touches or does not touch each of the four borders.
    tops, lefts = (np.linspace(0, 8, count + 1).astype(int) for count in (rows, columns))
    windows = [
        Window(top, left, bottom, right)
        for top, bottom in itertools.pairwise(tops)
        for left, right in itertools.pairwise(lefts)
    ]

    features = computed(network, inputs(1), windows, before=inputs(0))

    check_equal(detect, features.raw(), detect.engine(inputs(1)))


def test_a_window_changes_its_own_cells_and_the_others_stay(network, inputs):
    before, after = computed(network, inputs(0))._maps, computed(network, inputs(1))._maps
    # All of the input is new, so what the window sees around itself is new too.
    found = computed(network, inputs(1), [Window(2, 3, 5, 7)], before=inputs(0))._maps

    inside, outside = np.zeros((16, 16), bool), np.ones((16, 16), bool)
    inside[4:10, 6:14] = True
    outside[4:10, 6:14] = False
    np.testing.assert_array_equal(found["c2_conv"][0, inside], after["c2_conv"][0, inside])
    np.testing.assert_array_equal(found["c2_conv"][0, outside], before["c2_conv"][0, outside])
    name = "p2_class_logits"
    np.testing.assert_array_equal(found[name][0, outside], before[name][0, outside])
    assert (found[name][0, inside] != before[name][0, inside]).any()


def test_a_window_is_computed_from_the_pixels_that_it_sees_and_from_no_others(network, inputs):
    window = Window(2, 3, 5, 7)
    rows, columns = network.seen(window)
    # Eight pixels a cell; before it there are none, behind it is one cell of the coarser stride.
    assert (rows, columns) == ((16, 44), (24, 60))
    part = np.s_[:, slice(*rows), slice(*columns)]
    elsewhere = inputs(2)
    elsewhere[part] = inputs(1)[part]

    expected = computed(network, inputs(1), [window], before=inputs(0))._maps
    found = computed(network, elsewhere, [window], before=inputs(0))._maps

    for name in expected.keys() - {IMAGES}:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
    elsewhere[0, 8 * window.bottom, 30] ^= 255
    other = computed(network, elsewhere, [window], before=inputs(0))._maps
    assert any((other[name] != expected[name]).any() for name in expected.keys() - {IMAGES})


def test_less_halo_would_not_do(detect, network, inputs):
    # In the middle of the image, where nothing but the halo keeps padding away.
    windows = [Window(0, 0, 8, 4), Window(0, 4, 8, 8)]
    expected = detect.engine(inputs(1))
    for number, stage in enumerate(detect.manifest.stages):
        for side in (0, 1):
            if stage.halo is None or not stage.halo[side]:
                continue
            halo = tuple(cells - (place == side) for place, cells in enumerate(stage.halo))
            stages = list(detect.manifest.stages)
            stages[number] = dataclasses.replace(stage, halo=halo)
            manifest = dataclasses.replace(detect.manifest, stages=tuple(stages))
            careless = StagedNetwork(detect.engine, manifest)

            found = computed(careless, inputs(1), windows, before=inputs(0)).raw()

            difference = max(np.abs(found[name] - expected[name]).max() for name in found)
            assert difference > 1e-2, (
                f"stage {stage.name} needs no halo {stage.halo} on side {side}"
            )


def test_multiplications_are_those_of_the_windows_with_their_halos(network, inputs):
    features = computed(network, inputs(0))
    # Cells of each stage: 16, 8 and 16 a side for those with windows; 2 x 3 cells of the grid in
    # the middle are 4 x 6 or 2 x 3 of theirs, and the halos make 5 x 7, 5 x 6 and 6 x 8 of them.
    fine, middle, coarse, heads = (stage.macs for stage in network.stages)
    expected = fine * 35 // 256 + middle * 30 // 64 + coarse + heads * 48 // 256

    assert features.update(inputs(1), [Window(3, 3, 5, 6)]) == expected
    # In a corner there is no halo on two sides: 4 x 4, 3 x 3 and 5 x 5.
    expected = fine * 16 // 256 + middle * 9 // 64 + coarse + heads * 25 // 256
    assert features.update(inputs(1), [Window(6, 6, 8, 8)]) == expected
    assert features.update(inputs(1), None) == network.macs == fine + middle + coarse + heads


def test_the_cost_of_a_window_is_what_it_takes_in_the_middle(network, inputs):
    features, window = computed(network, inputs(0)), Window(2, 3, 5, 5)
    coarse = next(stage.macs for stage in network.stages if not stage.halo)

    spent = (features.update(inputs(1), [window]) - coarse) / (network.macs - coarse)

    assert network.cost.of(window) - CALL == pytest.approx(spent, abs=1e-4)


def test_streams_share_a_network_and_nothing_else(detect, network, inputs):
    first, second = FeatureMaps(network), FeatureMaps(network)
    first.update(inputs(0), None)
    second.update(inputs(1), None)
    second.update(inputs(2), [Window(0, 0, 4, 4)])
    check_equal(detect, first.raw(), detect.engine(inputs(0)))


def test_what_is_remembered_is_not_the_callers_image(network, inputs):
    images = inputs(0)
    features = computed(network, images)
    kept = features._maps[IMAGES].copy()
    images[:] = 0
    np.testing.assert_array_equal(features._maps[IMAGES], kept)


def test_a_stage_that_is_not_in_the_file_is_named(detect):
    stages = (dataclasses.replace(detect.manifest.stages[0], name="other"),)
    manifest = dataclasses.replace(detect.manifest, stages=stages)
    with pytest.raises(ModelError, match="promises a stage 'other'.*\n.*Export the model again"):
        StagedNetwork(detect.engine, manifest)
