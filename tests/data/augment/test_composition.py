import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.augment.composition import Composer
from edgedet.data.record import Dataset, Record
from edgedet.data.source.objects import Objects
from edgedet.data.source.sampling import Sampler
from edgedet.data.source.source import Source
from edgedet.settings import Feeding, Zoom

INPUT = (128, 96)
COUNT = 400
STILL = Zoom(probability=0.0, jitter=1.0, stretch=1.0)


@pytest.fixture(scope="module")
def records():
    """Return eight records, those with odd numbers of another kind; the last has no object."""
    kinds = np.array([True, False]), np.array([False, True])
    made = []
    for number in range(8):
        boxes = np.array([[50, 60, 90, 110]] if number < 7 else [], "float32").reshape(-1, 4)
        labels, ignored = np.full(len(boxes), number % 2, "int32"), np.zeros(len(boxes), bool)
        made.append(Record(f"{number}.jpg", boxes, labels, ignored, known=kinds[number % 2]))
    return Dataset(made, ("a", "b"), (1, 2))


def composed(records, feeding, composed=True, seed=(1, 2)):
    sizes = tf.constant([[240, 320]] * len(records))
    source = Source(records, sizes, Objects(records), pixels=None, bands=3)
    make = Composer(feeding, source, Sampler(records), INPUT)
    index = tf.range(COUNT, dtype=tf.int64) % len(records)
    return make(index, tf.constant(composed), tf.constant(seed))


def drawn(layers):
    return layers.placement.drawn.numpy()


def test_an_ordinary_sample_has_one_layer(records):
    layers = composed(records, Feeding())
    assert drawn(layers).shape == (COUNT, 1) and drawn(layers).all()
    np.testing.assert_array_equal(layers.index[:, 0], np.arange(COUNT) % 8)
    np.testing.assert_array_equal(layers.windows[0], [[0, 0, 96, 128]])


def test_a_share_are_mosaics_of_the_same_kind(records):
    layers = composed(records, Feeding(zoom=STILL, mosaic=0.4))
    parts = drawn(layers).sum(axis=1)
    assert set(parts.tolist()) == {1, 4}
    assert 0.3 < (parts == 4).mean() < 0.5
    index = layers.index.numpy()
    np.testing.assert_array_equal(index[:, 0], np.arange(COUNT) % 8)
    assert (index % 2 == index[:, :1] % 2).all()
    assert len(np.unique(index[parts == 4])) == 8
    # Each part shows its whole image, drawn for its size: it touches two sides of its window.
    placement, windows = layers.placement, layers.windows.numpy()
    for sample in np.flatnonzero(parts == 4)[:20]:
        for part in range(4):
            start, end = (pair.numpy()[sample, part] for pair in placement[3:])
            low, high = windows[sample, part, 1::-1], windows[sample, part, :1:-1]
            assert (start >= low).all() and (end <= high).all()
            assert ((end - start) >= (high - low) - 1).any()


def test_a_share_are_mixed_and_the_second_shows_through(records):
    layers = composed(records, Feeding(mixup=0.3))
    mixed = drawn(layers)[:, 1]
    assert 0.2 < mixed.mean() < 0.4
    opacity = layers.opacity.numpy()[:, 1]
    assert opacity.min() >= 0.35 and opacity.max() < 0.65
    assert not layers.covers.numpy()[:, 1].any()


def test_a_share_get_copies_of_objects(records):
    layers = composed(records, Feeding(copy_paste=0.5))
    copies = drawn(layers)[:, 1:]
    count = copies.sum(axis=1)
    assert 0.4 < (count > 0).mean() < 0.6
    assert set(count.tolist()) == {0, 1, 2, 3}
    # A record without an object has none to copy.
    assert 7 not in layers.index.numpy()[:, 1:][copies]
    assert layers.covers.numpy()[:, 1:][copies].all()


def test_all_at_once(records):
    layers = composed(records, Feeding(mosaic=0.5, mixup=0.5, copy_paste=0.5))
    assert drawn(layers).shape == (COUNT, 4 + 1 + 3)
    # Whether a sample is one has nothing to do with whether it is another.
    mosaic, mixed, pasted = drawn(layers)[:, 1], drawn(layers)[:, 4], drawn(layers)[:, 5]
    for a, b in ((mosaic, mixed), (mixed, pasted), (mosaic, pasted)):
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.2


def test_plain_samples_are_not_composed(records):
    feeding = Feeding(mosaic=1.0, mixup=1.0, copy_paste=1.0)
    layers = composed(records, feeding, composed=False)
    np.testing.assert_array_equal(drawn(layers).sum(axis=1), 1)
    plain = composed(records, Feeding())
    np.testing.assert_array_equal(layers.windows[:, 0], plain.windows[:, 0])


def test_the_seed_decides(records):
    feeding = Feeding(mosaic=0.5, mixup=0.5, copy_paste=0.5)
    first, again, other = (composed(records, feeding, seed=s) for s in ((1, 2), (1, 2), (1, 3)))
    tf.nest.map_structure(np.testing.assert_array_equal, first, again)
    assert (first.index.numpy() != other.index.numpy()).any()
