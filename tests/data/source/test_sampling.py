import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.record import Dataset, Record
from edgedet.data.source.sampling import Sampler, repeat_factors

NAMES = ("often", "seldom", "never")


def dataset_of(*labels, known=None):
    """Return records with objects of these labels, and of what their sets label."""
    records = []
    for index, each in enumerate(labels):
        arrays = np.zeros((len(each), 4), "float32"), np.array(each, "int32"), np.zeros(len(each))
        kinds = None if known is None else known[index]
        records.append(Record(f"{index}.jpg", *arrays[:2], arrays[2].astype(bool), known=kinds))
    return Dataset(records, NAMES, (1, 2, 3))


# Of 8 records, 7 have the first class, 1 the second, 1 nothing.
EIGHT = dataset_of([0], [0, 0], [0], [0], [0], [0], [0, 1], [])


def test_repeat_factors_by_hand():
    # .5 of the records should have a class: the second is in 1/8, so sqrt(.5 / .125) = 2.
    np.testing.assert_allclose(repeat_factors(EIGHT, 0.5), [1, 1, 1, 1, 1, 1, 2, 1])
    np.testing.assert_allclose(repeat_factors(EIGHT, 0.0), 1)
    # At 1 the first class, in 7/8, is rare as well.
    factors = repeat_factors(EIGHT, 1.0)
    np.testing.assert_allclose(factors[0], np.sqrt(8 / 7))
    np.testing.assert_allclose(factors[6:], [np.sqrt(8), 1])


def test_ignored_objects_do_not_count():
    dataset = dataset_of([0], [1])
    dataset[1].ignored[:] = True
    np.testing.assert_allclose(repeat_factors(dataset, 1.0), [np.sqrt(2), 1])


def of_epoch(sampler, count, shift):
    return sampler.of_epoch(tf.range(count, dtype=tf.int64), tf.constant(shift, tf.float64)).numpy()


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.999999])
def test_without_balance_an_epoch_shows_every_record_once(shift):
    assert sorted(of_epoch(Sampler(EIGHT), 8, shift)) == list(range(8))


def test_with_balance_an_epoch_shows_each_as_often_as_it_should():
    # 9 in all on a line of 8 places: the rare one 16/9 times on average, the others 8/9.
    sampler = Sampler(EIGHT, 0.5)
    counts = [np.bincount(of_epoch(sampler, 8, i / 90), minlength=8) for i in range(90)]
    np.testing.assert_allclose(np.mean(counts, axis=0), [8 / 9] * 6 + [16 / 9, 8 / 9], atol=0.02)
    # No epoch is longer, and none shows it fewer or more often than rounding makes it.
    assert {int(count.sum()) for count in counts} == {8}
    assert {int(count[6]) for count in counts} == {1, 2}


def test_partners_are_of_the_same_kind():
    animals, people = np.array([1, 0, 0], bool), np.array([0, 1, 1], bool)
    known = [animals, people, None, animals, people, None]
    sampler = Sampler(dataset_of([0], [1], [0], [0], [1], [0], known=known))
    draws = tf.constant(np.append(np.arange(200) / 200, [0.99999994, 0.0]), tf.float32)
    for index, expected in ((0, {0, 3}), (4, {1, 4}), (2, {2, 5})):
        partners = sampler.partner(tf.fill([202], tf.constant(index, tf.int64)), draws).numpy()
        assert set(partners.tolist()) == expected
        assert np.unique(partners, return_counts=True)[1].min() >= 99
    # An epoch still shows all kinds.
    assert sorted(of_epoch(sampler, 6, 0.5)) == list(range(6))


def test_rare_partners_come_more_often():
    draws = tf.constant(np.arange(900) / 900, tf.float32)
    partners = Sampler(EIGHT, 0.5).partner(tf.zeros([900], tf.int64), draws).numpy()
    np.testing.assert_allclose(np.bincount(partners), [100] * 6 + [200, 100], atol=1)
