import dataclasses
import logging
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import tensorflow as tf

from edgedet.data.pipeline import Feeder, batches
from edgedet.data.record import Dataset
from edgedet.data.source.reading import GREY, Reading
from edgedet.errors import DataError, ImageError
from edgedet.images import read
from edgedet.runtime.preprocess import preprocess
from edgedet.settings import Feeding, Photometric, ThermalAugmentation, Zoom

INPUT = (64, 64)
# Whole images, neither moved nor recoloured; what is left of training is order and mirroring.
SAME_LIGHT = Photometric(brightness=0, contrast=0, saturation=0, tint=0, grey=0, noise=0)
STILL = Feeding(zoom=Zoom(probability=0.0, jitter=1.0, stretch=1.0), photometric=SAME_LIGHT)


def take(dataset, **arguments):
    """Return all batches as dicts of NumPy arrays."""
    return list(batches(dataset, INPUT, **{"batch_size": 2, **arguments}).as_numpy_iterator())


def greys_of(batch):
    """Return the grey level at the middle of each image, 0-255."""
    return (batch["images"][:, 32, 32, 0] * 255).round().astype(int).tolist()


def assert_same(batches_a, batches_b):
    assert len(batches_a) == len(batches_b)
    for a, b in zip(batches_a, batches_b, strict=True):
        for name in ("images", "boxes", "labels", "ignored"):
            np.testing.assert_array_equal(a[name], b[name], err_msg=name)


@pytest.fixture
def drawn(clutter, make_dataset):
    """Return five images: two objects, none, three with a small one and a region, one, one."""
    return make_dataset(
        (clutter(0, (48, 64)), [[8, 8, 24, 24], [30, 10, 50, 40]]),
        (clutter(1, (64, 64)), []),
        (
            clutter(2, (128, 96)),
            [[10, 10, 16, 16], [20, 20, 60, 60], [60, 80, 90, 120]],
            [False, False, True],
        ),
        (clutter(3, (64, 50)), [[5, 5, 20, 20]]),
        (clutter(4, (100, 100)), [[50, 50, 90, 90]]),
    )


def test_out_of_training_the_network_sees_what_the_device_shows_it(drawn):
    found = take(drawn, feeding=Feeding(min_side=0.0))
    images = np.concatenate([batch["images"] for batch in found])
    assert images.dtype == np.float32
    assert images.shape == (5, 64, 64, 3)
    for record, image, place in zip(drawn.records, images, range(5), strict=True):
        expected, letterbox = preprocess(read(record.image)[0], INPUT)
        assert np.abs(image * 255 - expected[0]).max() <= 1.001
        labels = found[place // 2]["labels"][place % 2]
        boxes = found[place // 2]["boxes"][place % 2][labels >= 0]
        in_order = np.lexsort(boxes.T)
        wanted = letterbox.to_input(record.boxes)
        np.testing.assert_allclose(boxes[in_order], wanted[np.lexsort(wanted.T)], atol=1e-3)


def test_batches_are_padded(drawn):
    first, second, third = take(drawn)
    assert [len(batch["images"]) for batch in (first, second, third)] == [2, 2, 1]
    assert first["labels"].tolist() == [[0, 0], [-1, -1]]
    assert first["labels"].dtype == np.int32
    assert not first["boxes"][1].any()
    assert not first["ignored"][1].any()
    assert (first["ignored"].dtype, first["boxes"].dtype) == (bool, np.float32)


def test_small_faces_are_ignored_not_background(drawn):
    # The third image is halved: its faces are 3, 20 and 15 x 20 px, the last a region before.
    sides = []
    for min_side in (2.0, 4.0):
        labels, ignored = (
            take(drawn, feeding=Feeding(min_side=min_side))[1][name][0]
            for name in ("labels", "ignored")
        )
        assert labels.tolist() == [0, 0, 0]
        sides.append(ignored.sum())
    assert sides == [1, 2]


def test_at_most_so_many_objects(drawn):
    found = take(drawn, feeding=Feeding(max_objects=1))
    assert [batch["labels"].shape[1] for batch in found] == [1, 1, 1]


def test_out_of_training_the_order_is_kept(greys):
    found = take(greys(5))
    assert [greys_of(batch) for batch in found] == [[10, 20], [30, 40], [50]]


def test_training_shuffles_and_loses_nothing(greys):
    dataset = greys(6)
    fed = list(Feeder(dataset, INPUT, 2, feeding=STILL).epochs(0, 4).as_numpy_iterator())
    epochs = np.reshape([greys_of(batch) for batch in fed], (4, 6))
    for epoch in epochs:
        assert sorted(epoch) == [10, 20, 30, 40, 50, 60]
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_training_leaves_out_an_incomplete_batch(greys):
    found = batches(greys(5), INPUT, 2, training=True)
    assert int(found.cardinality()) == 2
    assert [len(batch["images"]) for batch in found.as_numpy_iterator()] == [2, 2]


def test_the_seed_decides_everything_and_every_pass_is_another(drawn):
    # Whatever else the process draws by another seed, which trainings set.
    tf.random.set_seed(1)
    first, again, other = (batches(drawn, INPUT, 2, training=True, seed=s) for s in (3, 3, 4))
    passes = [list(first.as_numpy_iterator()) for _ in range(2)]
    tf.random.set_seed(2)
    for expected in passes:
        assert_same(list(again.as_numpy_iterator()), expected)
    for different in (passes[1][0], next(other.as_numpy_iterator())):
        assert (passes[0][0]["images"] != different["images"]).any()


def test_an_epoch_may_be_entered_in_the_middle_of_a_run(drawn):
    whole = list(Feeder(drawn, INPUT, 2, 3).epochs(0, 3).as_numpy_iterator())
    rest = list(Feeder(drawn, INPUT, 2, 3).epochs(2, 3).as_numpy_iterator())
    assert len(whole) == 6
    assert_same(whole[4:], rest)
    assert (whole[0]["images"] != whole[4]["images"]).any()


def test_memory_and_files_give_the_same_batches(clutter, make_dataset):
    # No view shows them at half their size or less, so no JPEG is decoded reduced.
    dataset = make_dataset(*((clutter(seed, (48, 64)), [[8, 8, 40, 40]]) for seed in range(4)))
    files, memory = (
        take(dataset, training=True, feeding=Feeding(Zoom(1.0, smallest=24.0), cache=cache))
        for cache in (False, True)
    )
    assert_same(files, memory)


def test_faces_are_where_their_boxes_are(make_dataset):
    # A white square on black, zoomed, mirrored and moved: white inside its box, black around it.
    image = np.zeros((300, 400, 3), "uint8")
    image[100:160, 220:280] = 255
    dataset = make_dataset(*[(image, [[220, 100, 280, 160]])] * 8, quality=95)
    zoom = Zoom(probability=1.0, smallest=20.0, largest=50.0)
    feeding = Feeding(zoom=zoom, photometric=SAME_LIGHT)
    sides = set()
    for batch in take(dataset, training=True, feeding=feeding):
        for shown, box in zip(batch["images"][..., 0], batch["boxes"][:, 0], strict=True):
            x1, y1, x2, y2 = box.round().astype(int)
            assert shown[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2].min() > 0.9
            outside = np.ones(shown.shape, bool)
            outside[max(0, y1 - 2) : y2 + 2, max(0, x1 - 2) : x2 + 2] = False
            assert shown[outside].max() < 0.6
            sides.add(round(float(box[2] - box[0]), 3))
    # Every sample has a view of its own.
    assert len(sides) == 8


EVERYTHING = Feeding(
    mosaic=0.5,
    mixup=0.5,
    copy_paste=0.7,
    cutout=0.5,
    blur=1.0,
    balance=0.5,
    thermal=ThermalAugmentation(invert=0.5, drift=0.2, stripes=0.05, dead=0.05),
)


def test_with_everything_memory_and_files_agree(drawn):
    files, memory = (
        take(drawn, training=True, feeding=dataclasses.replace(EVERYTHING, cache=cache))
        for cache in (False, True)
    )
    for a, b in zip(files, memory, strict=True):
        assert_sound(a)
        np.testing.assert_array_equal(a["boxes"], b["boxes"])
        # Reduced and cut out of JPEGs, pixels differ a little.
        assert np.abs(a["images"] - b["images"]).mean() < 0.02


def assert_sound(batch):
    """Assert that a batch is what it should be, whatever was drawn."""
    images, boxes, real = batch["images"], batch["boxes"], batch["labels"] >= 0
    assert images.shape == (2, 64, 64, 3) and images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1 and np.isfinite(images).all()
    assert boxes.min(initial=0) >= 0 and boxes.max(initial=0) <= 64
    assert (boxes[real][:, 2:] > boxes[real][:, :2]).all()
    assert not boxes[~real].any() and not batch["ignored"][~real].any()
    assert batch["known"].all()


def test_the_last_epochs_are_plain(greys):
    dataset = greys(6, size=(64, 64))
    feeding = dataclasses.replace(STILL, mosaic=1.0, plain_epochs=2)

    def images(first, last):
        batches = Feeder(dataset, INPUT, 6, feeding=feeding).epochs(first, last)
        return [batch["images"] for batch in batches.as_numpy_iterator()]

    run = images(0, 5)
    # Images of one grey level each; where four are put together, some differ.
    mixed = [any(np.ptp(image) > 0.01 for image in epoch) for epoch in run]
    assert mixed == [True, True, True, False, False]
    # A resumed run knows it too.
    np.testing.assert_array_equal(images(2, 5), run[2:])


def test_samples_of_several_records_know_what_all_of_them_know(greys):
    dataset = greys(8)
    kinds = np.array([True, False]), np.array([False, True])
    records = [
        dataclasses.replace(r, known=kinds[i % 2], labels=np.full(len(r.labels), i % 2, "int32"))
        for i, r in enumerate(dataset.records)
    ]
    both = Dataset(records, ("odd", "even"), (1, 2), "drawn")
    for batch in take(both, training=True, feeding=dataclasses.replace(EVERYTHING, min_side=0.0)):
        for known, labels in zip(batch["known"], batch["labels"], strict=True):
            assert known.sum() == 1
            assert known[labels[labels >= 0]].all()


def test_rare_classes_come_more_often_in_epochs_of_the_same_length(greys):
    dataset = greys(8)
    records = [
        dataclasses.replace(r, labels=np.full(len(r.labels), i == 0, "int32"))
        for i, r in enumerate(dataset.records)
    ]
    rare = Dataset(records, ("often", "seldom"), (1, 2), "drawn")
    # One of 8 has the second class: sqrt(.5 / .125) = 2 on a line of 9.
    feeder = Feeder(rare, INPUT, 2, feeding=dataclasses.replace(STILL, balance=0.5))
    fed = list(feeder.epochs(0, 20).as_numpy_iterator())
    assert len(fed) == 20 * 4
    shown = np.concatenate([greys_of(batch) for batch in fed])
    assert (shown == 10).sum() == pytest.approx(20 * 8 * 2 / 9, abs=5)
    assert set(shown) == set(range(10, 90, 10))


@pytest.mark.parametrize("cache", [False, True])
def test_other_bands(drawn, cache):
    feeder = Feeder(drawn, INPUT, 2, 0, Feeding(cache=cache), GREY)
    for batches_of in (feeder.epochs(0, 1), feeder.in_order()):
        assert next(iter(batches_of))["images"].shape == (2, 64, 64, 1)


def test_nothing_is_asked_about_an_image_that_breaks_off(greys, monkeypatch):
    dataset = greys(4, suffix=".png")

    def breaking(path):
        if path == dataset[2].image:
            raise ImageError("broken")
        return read(path)[0]

    feeder = Feeder(dataset, INPUT, 4, 0, Feeding(cache=True), Reading(3, breaking))
    (batch,) = feeder.in_order().as_numpy_iterator()
    assert batch["ignored"][:, 0].tolist() == [False, False, True, False]
    assert greys_of(batch) == [10, 20, 128, 40]


def test_bad_images_are_skipped_and_counted(greys, caplog):
    dataset = greys(5)
    truncated, missing = dataset[1].image, dataset[3].image
    truncated.write_bytes(truncated.read_bytes()[:-100])
    missing.unlink()
    with caplog.at_level(logging.WARNING):
        found = take(dataset)
    assert [greys_of(batch) for batch in found] == [[10, 30], [50]]
    assert "drawn: skipped 2 of 5 images" in caplog.messages
    assert all(str(path) in caplog.text for path in (truncated, missing))


def test_nothing_to_feed(greys):
    with pytest.raises(DataError, match="drawn: expected at least one image"):
        batches(Dataset([], ("face",), (1,), "drawn"), INPUT, 2)
    dataset = greys(2)
    for record in dataset.records:
        record.image.write_text("no image")
    with pytest.raises(DataError, match="none among 2"):
        batches(dataset, INPUT, 2)


def test_training_needs_a_whole_batch(greys):
    with pytest.raises(DataError, match=r"drawn: expected at least 4 images, .*found 3"):
        batches(greys(3), INPUT, 4, training=True)
    assert len(take(greys(3), batch_size=4)) == 1


def test_data_without_any_object(greys):
    bare = [
        dataclasses.replace(r, boxes=r.boxes[:0], labels=r.labels[:0], ignored=r.ignored[:0])
        for r in greys(2).records
    ]
    (batch,) = take(Dataset(bare, ("face",), (1,), "bare"), training=True)
    assert batch["boxes"].shape == (2, 0, 4)


DROP = """
    import sys
    import numpy as np
    from pathlib import Path
    from edgedet.data.pipeline import Feeding, batches
    from edgedet.data.record import Dataset, Record
    nothing = np.zeros((0, 4), "float32"), np.zeros(0, "int32"), np.zeros(0, bool)
    records = [Record(path, *nothing) for path in sorted(Path(sys.argv[1]).iterdir())] * 40
    dataset = Dataset(records, ("face",), (1,), "drawn")
    for training in (True, False):
        found = batches(dataset, (64, 64), 2, training)
        next(iter(found))
        iterator = iter(found)
        next(iterator)
        del iterator
    print("done")
"""


def test_dropping_an_iterator_does_not_hang(greys, tmp_path):
    # Files of other kinds are read by Python inside tf.data, which is where it could hang.
    greys(4)
    greys(8, suffix=".png")
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DROP), tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    assert run.stdout == "done\n", run.stderr
    assert run.returncode == 0, run.stderr


def test_padding_stays_the_devices_where_images_are_inverted(greys):
    feeding = dataclasses.replace(STILL, thermal=ThermalAugmentation(invert=1.0))
    batches = take(greys(4), training=True, feeding=feeding)
    images = np.concatenate([batch["images"] for batch in batches]) * 255
    # Images of 10, 20, 30 and 40 in 48 rows; the other 16 are padding.
    padding = np.isclose(images, 114, atol=1e-3).all(axis=(2, 3))
    assert padding.sum(axis=1).tolist() == [16] * 4
    levels = [image[~rows].mean() for image, rows in zip(images, padding, strict=True)]
    np.testing.assert_allclose(np.sort(levels), [215, 225, 235, 245], atol=1)


def test_batches_say_their_domain_and_do_not_mix_them(greys):
    dataset = greys(6)
    records = [dataclasses.replace(r, domain=i % 3 - 1) for i, r in enumerate(dataset.records)]
    several = dataclasses.replace(dataset, records=records)
    ordered = np.concatenate([batch["domain"] for batch in take(several)])
    np.testing.assert_array_equal(ordered, [-1, 0, 1, -1, 0, 1])
    mixed = dataclasses.replace(STILL, mosaic=1.0)
    for batch in take(several, training=True, feeding=mixed):
        for image, domain in zip(batch["images"], batch["domain"], strict=True):
            # Levels of 10, 20 ... tell records apart, and with them domains.
            inside = image[np.abs(image * 255 - 114).min(axis=-1) > 20]
            seen = np.unique(np.rint(inside * 25.5).astype(int) - 1)
            assert {place % 3 - 1 for place in seen.tolist()} == {int(domain)}


def test_frames_that_the_network_cannot_take_are_refused_at_once(greys, caplog):
    def read_other(path):
        raise ImageError(f"{path}: expected 2 bands")

    with pytest.raises(DataError, match="drawn: expected images with the 2 bands that the net"):
        Feeder(greys(2), INPUT, 2, reading=Reading(2, read_other))
    assert "0.jpg: expected 2 bands" in caplog.text


def test_a_part_of_a_batch_is_what_it_is_in_the_whole(clutter, make_dataset):
    # Machines that train together each make their own part; the seed decides what is in it.
    dataset = make_dataset(*((clutter(seed, (48, 64)), [[8, 8, 40, 40]]) for seed in range(4)))
    feeder = Feeder(dataset, INPUT, 4, 3, EVERYTHING)
    wholes = list(feeder.epochs(0, 99).take(2).as_numpy_iterator())
    for first, count in [(0, 1), (1, 3)]:
        parts = feeder.epochs(0, 99, (first, count)).take(2).as_numpy_iterator()
        for part, whole in zip(parts, wholes, strict=True):
            assert_part(part, whole, slice(first, first + count))


def assert_part(part, whole, rows):
    """Assert that these are the rows of a batch, padded only as far as they need themselves."""
    for name in ("images", "known"):
        np.testing.assert_array_equal(part[name], whole[name][rows])
    slots = part["labels"].shape[1]
    for name, padding in (("boxes", 0), ("labels", -1), ("ignored", False)):
        np.testing.assert_array_equal(part[name], whole[name][rows, :slots])
        assert (whole[name][rows, slots:] == padding).all()
