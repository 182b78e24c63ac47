import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.augment import thermal
from edgedet.data.augment.draws import Draws
from edgedet.data.augment.thermal import change_thermal
from edgedet.settings import ThermalAugmentation

SEED = tf.constant([3, 4])


def draws(images, seed=SEED):
    return Draws(seed, len(images))


@pytest.fixture(params=[1, 3], ids="{} bands".format)
def images(request):
    shape = 16, 24, 32, request.param
    return np.random.default_rng(0).uniform(0.4, 0.6, shape).astype("float32")


def changed(images, **strength):
    return change_thermal(
        ThermalAugmentation(**strength), tf.constant(images), draws(images)
    ).numpy()


def test_nothing_changes_nothing(images):
    np.testing.assert_array_equal(changed(images), images)


def test_inverting_is_an_involution(images):
    once = thermal.invert(0.5, tf.constant(images), draws(images))
    np.testing.assert_allclose(thermal.invert(0.5, once, draws(images)), images, atol=1e-6)
    left = np.isclose(once, images).all((1, 2, 3))
    assert 2 <= left.sum() <= 14
    np.testing.assert_allclose(once[~left], 1 - images[~left], atol=1e-6)


def test_drift_is_even_from_corner_to_corner():
    # What is flat becomes a surface without a bend along either axis.
    flat = np.full((8, 24, 32, 1), 0.5, "float32")
    after = changed(flat, drift=0.2)
    for axis in (1, 2):
        np.testing.assert_allclose(np.diff(after, 2, axis=axis), 0, atol=1e-6)
    # Gain and offset, of up to .2 each: .5 * (1 + .2) + .2 at most.
    assert np.abs(after - 0.5).max() <= 0.3 + 1e-5
    assert np.ptp(after, axis=(1, 2)).max() > 0.05


def test_drift_has_gain_and_offset(images):
    dark, bright = changed(0 * images + 0.2, drift=0.2), changed(0 * images + 0.6, drift=0.2)
    gain = (bright - dark) / 0.4
    assert gain.min() < 0.98 and gain.max() > 1.02
    assert np.abs(gain - 1).max() <= 0.2 + 1e-5
    offset = dark - 0.2 * gain
    assert 0.02 < np.abs(offset).max() <= 0.2 + 1e-5


def test_stripes_are_rows_and_columns(images):
    added = changed(images, stripes=0.02) - images
    # The sum of a row's and a column's offset: mixed differences vanish.
    np.testing.assert_allclose(np.diff(np.diff(added, axis=1), axis=2), 0, atol=1e-6)
    assert np.std(added, axis=(1, 2)).max() > 0.005
    assert added.std() < 0.02 * 2**0.5


def test_dead_pixels_are_black_or_white_in_all_bands(images):
    after = changed(images, dead=0.2)
    dead = (after != images).any(-1)
    assert np.isin(after[dead], [0, 1]).all()
    assert (after[dead] == after[dead][:, :1]).all()
    assert (dead.mean((1, 2)) < 0.25).all() and dead.mean() == pytest.approx(0.1, abs=0.05)
    assert (after[dead] == 0).any() and (after[dead] == 1).any()


def test_results_stay_in_range_and_are_repeatable(images):
    strong = {"invert": 0.5, "drift": 0.9, "stripes": 0.5, "dead": 0.3}
    first, again = changed(images, **strong), changed(images, **strong)
    assert first.min() >= 0 and first.max() <= 1
    np.testing.assert_array_equal(first, again)


def test_padding_is_no_sensors(images):
    strong = {"invert": 1.0, "drift": 0.9, "stripes": 0.5, "dead": 0.3}
    shown = np.zeros((16, 24, 32, 1), bool)
    shown[:, 4:20] = True
    after = change_thermal(
        ThermalAugmentation(**strong), tf.constant(images), draws(images), shown
    ).numpy()
    np.testing.assert_array_equal(after[:, :4], images[:, :4])
    np.testing.assert_array_equal(after[:, 20:], images[:, 20:])
    np.testing.assert_array_equal(after[:, 4:20], changed(images, **strong)[:, 4:20])
