"""How often a classifier of crops is right, after `edgedet.training.pretraining`."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from edgedet.data.feeding.feeder import Feeder
from edgedet.data.record import Dataset
from edgedet.data.sets.single_objects import one_by_one
from edgedet.data.source.reading import of_manifest
from edgedet.models import Detector
from edgedet.settings import Feeding, Photometric, Zoom
from edgedet.training.failures import explaining
from edgedet.training.pretraining import CURE, MIN_SIDE
from edgedet.training.recipe import Recipe

# Longer side of an object as a share of the crop's: in the middle of what is seen in training.
MIDDLE = 0.7
BATCH = 64


def crop_accuracies(
    classifier: keras.Model, model: Detector, dataset: Dataset, recipe: Recipe
) -> list[float]:
    """Return the share of crops that each level names rightly, a mean of the classes.

    Args:
        classifier: Images to logits `[B, C]` of each level.
        model: The detector that it shares its layers with.
        dataset: Objects of classes that the detector does not know are left out.
        recipe: What was learned by.

    Returns:
        A number from 0 to 1 for each level; none where no object can be asked about.

    Raises:
        DataError: An image can be read no more, or none could from the beginning.
    """
    crops = one_by_one(_relabelled(dataset, model.class_names), MIN_SIDE)
    if not len(crops):
        return []
    count = len(model.class_names)
    asked, right = np.zeros(count), np.zeros((count, len(classifier.outputs)))
    with explaining(recipe, CURE):
        for images, labels in _views(crops, classifier, model):
            # Of a single level there is no list.
            logits = keras.tree.flatten(classifier.predict_on_batch(images))
            found = np.stack([each.argmax(axis=-1) for each in logits], axis=-1)
            np.add.at(right, labels, found == labels[:, None])
            np.add.at(asked, labels, 1)
    seen = asked > 0
    return (right[seen] / asked[seen, None]).mean(axis=0).tolist() if seen.any() else []


def _relabelled(dataset, class_names):
    """Return a data set whose labels are those of `class_names`, without what these lack."""
    new = {name: label for label, name in enumerate(class_names)}
    labels = np.array([new.get(name, -1) for name in dataset.class_names], "int32")
    records = [record.relabelled(labels, len(new)) for record in dataset.records]
    return dataclasses.replace(dataset, records=records, class_names=tuple(class_names))


def _views(crops, classifier, model):
    """Give images `[B, h, w, bands]` and labels `[B]`, without light, noise or mirrors."""
    side = classifier.input_shape[1]
    size = MIDDLE * side
    zoom = Zoom(probability=1.0, smallest=size, largest=size, stretch=1.0)
    still = Photometric(brightness=0.0, contrast=0.0, saturation=0.0, tint=0.0, grey=0.0, noise=0.0)
    plain = Feeding(zoom, still, min_side=0.0, flip=0.0)
    feeder = Feeder(crops, (side, side), 1, 0, plain, of_manifest(model.manifest()))
    # A box that lies outside of its image is in no view of it.
    views = feeder.epoch(tf.constant(0, tf.int64)).filter(lambda view: tf.size(view["labels"]) > 0)
    views = views.map(lambda view: (view["images"][0], view["labels"][0, 0]))
    return views.filter(lambda image, label: label >= 0).batch(BATCH).as_numpy_iterator()
