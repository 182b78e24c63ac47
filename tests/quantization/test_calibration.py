"""Which images set the ranges."""

from pathlib import Path

import numpy as np

from edgedet.data.record import Dataset, Record
from edgedet.quantization import calibration_order


def dataset(ignored_per_image):
    records = [
        Record(
            Path(f"{index}.jpg"),
            np.zeros((len(ignored), 4), "float32"),
            np.zeros(len(ignored), "int32"),
            np.array(ignored, bool),
        )
        for index, ignored in enumerate(ignored_per_image)
    ]
    return Dataset(records, ("face",), (1,))


def names(records):
    return [record.image.stem for record in records]


def test_images_with_objects_come_first():
    # 0 and 3 hold an object; 1 holds nothing, 2 only a region to ignore.
    order = names(calibration_order(dataset([[False], [], [True], [True, False]])))

    assert set(order[:2]) == {"0", "3"}
    assert set(order[2:]) == {"1", "2"}


def test_the_order_is_shuffled_the_same_way_by_the_same_seed():
    many = dataset([[False]] * 50)
    first = names(calibration_order(many, seed=1))

    assert first == names(calibration_order(many, seed=1))
    assert first != names(calibration_order(many, seed=2))
    assert first != [str(index) for index in range(50)]
    assert sorted(first, key=int) == [str(index) for index in range(50)]
