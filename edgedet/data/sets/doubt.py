"""What a teacher network saw, as ground truth: a high score is an object, a middling one is not.

Distillation by hard labels, as in Lee 2013, Pseudo-Label, with a region of doubt between object
and background.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edgedet.data.record import Dataset, Record


def doubt(dataset: Dataset, min_score: float) -> Dataset:
    """Return the data set with the objects below a score turned into ignore regions.

    Objects that people drew have no score and stay as they are.

    Args:
        dataset: Records.
        min_score: Higher keeps fewer wrong objects, and ignores more right ones.
    """
    return dataclasses.replace(
        dataset, records=[_doubt(record, min_score) for record in dataset.records]
    )


def _doubt(record: Record, min_score: float) -> Record:
    if record.scores is None:
        return record
    unsure = record.scores < np.float32(min_score)
    return dataclasses.replace(record, ignored=record.ignored | unsure)
