import dataclasses

import numpy as np

from edgedet.evaluation.inversion import inverted, seeing_inverted
from edgedet.evaluation.results import unchanged
from edgedet.manifest import Level, Manifest
from edgedet.runtime import EdgeDetector
from edgedet.thermal import Normalization, normalize

MANIFEST = Manifest("nightvision", (64, 64), ("cat",), (Level("p5", 32),), bands=1)


def test_ordinary_images_are_turned_before_the_detector():
    detect = EdgeDetector(None, MANIFEST)
    same, transform = seeing_inverted(detect)
    assert same is detect
    assert transform(np.array([[0, 100, 255]], "uint8")).tolist() == [[255, 155, 0]]
    assert transform is inverted


def test_counts_are_turned_by_the_detector():
    thermal = Normalization((0.0, 1000.0), repair=False)
    detect = EdgeDetector(None, dataclasses.replace(MANIFEST, thermal=thermal))
    other, transform = seeing_inverted(detect)
    assert transform is unchanged
    assert detect.manifest.thermal is thermal
    counts = np.linspace(0, 1000, 5, dtype="float32").reshape(1, 5, 1)
    plain, turned = (normalize(counts, each.manifest.thermal) for each in (detect, other))
    np.testing.assert_array_equal(turned, 255 - plain)
