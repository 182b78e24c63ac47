import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.errors import DataError, ModelError
from edgedet.losses import DetectionLoss
from edgedet.models import MODELS
from edgedet.settings import Distillation
from edgedet.targets import Targets
from edgedet.training.distillation import Lesson, TaughtLoss, taught


@pytest.fixture
def saved(tiny, tmp_path):
    tiny.save(tmp_path / "teacher.keras")
    return tiny, str(tmp_path / "teacher.keras")


@pytest.fixture
def batch():
    generator = np.random.default_rng(0)
    return {
        "images": tf.constant(generator.uniform(0, 1, (2, 64, 64, 3)), tf.float32),
        "boxes": tf.constant([[[8, 8, 40, 40]], [[0, 0, 0, 0]]], tf.float32),
        "labels": tf.constant([[0], [-1]], tf.int32),
        "ignored": tf.constant([[False], [False]]),
    }


def lesson_of(logits, ltrb):
    """A teacher's answer at one point at (8, 8), where people drew nothing."""
    targets = Targets(
        points=tf.constant([[8.0, 8.0]]),
        strides=tf.constant([4.0]),
        labels=tf.constant([[-1]]),
        boxes=tf.zeros((1, 1, 4)),
        positive=tf.constant([[False]]),
        ignored=tf.constant([[False]]),
        known=tf.constant([[True, True]]),
    )
    answers = {"class_logits": tf.constant([[logits]]), "box_ltrb": tf.constant([[ltrb]])}
    return Lesson(targets, answers)


def test_the_term_by_hand():
    # The student: scores of 1/2, a box of 8 x 8 pixels.
    raw = {"class_logits": tf.zeros((1, 1, 2)), "box_ltrb": tf.ones((1, 1, 4))}
    # The teacher: .9 and .5, and the same box but twice as high on the lower side: 8 x 12.
    lesson = lesson_of([float(np.log(9)), 0.0], [1.0, 1.0, 1.0, 2.0])
    sums, positives = TaughtLoss(DetectionLoss(), weight=3.0).sums(raw, lesson)
    # Classes: .4 ** 2 of the cross entropy at 1/2, ln 2, and nothing where they agree. Boxes: the
    # overlap is 8 * 8 of 8 * 12, in no larger frame, and counts as much as the best score.
    assert float(sums["teacher"]) == pytest.approx(3 * (0.16 * np.log(2) + 0.9 / 3), rel=1e-5)
    assert float(positives) == 0
    assert set(sums) == {"class", "box", "teacher"}


def test_who_agrees_with_the_teacher_is_left_alone(saved, batch):
    model, path = saved
    assigner, loss = taught(Distillation(path), model, model.assigner, DetectionLoss())
    raw = model(batch["images"], training=False)
    truth = {**batch, "known": tf.ones((2, 1), tf.bool)}
    sums, positives = loss.sums(raw, assigner(truth, raw))
    assert float(sums["teacher"]) == pytest.approx(0, abs=1e-4)
    # What people drew counts as ever.
    expected, count = DetectionLoss().sums(raw, model.assigner(truth, raw))
    assert {name: float(sums[name]) for name in expected} == pytest.approx(
        {name: float(value) for name, value in expected.items()}
    )
    assert float(positives) == float(count) > 0


def test_a_step_learns_from_the_teacher_and_leaves_it_alone(saved, batch):
    teacher, path = saved
    keras.utils.set_random_seed(1)
    model = MODELS["tiny"]()
    assigner, loss = taught(Distillation(path), model, model.assigner, DetectionLoss())
    model.compile(keras.optimizers.SGD(1e-3), assigner, loss, run_eagerly=True)
    # The teacher is no part of what is saved or trained.
    assert len(model.weights) == len(teacher.weights)
    first = float(model.train_step(batch)["teacher"])
    for _ in range(5):
        model.reset_metrics()
        last = float(model.train_step(batch)["teacher"])
    assert 0 < last < first
    for weight, expected in zip(assigner.teacher.weights, teacher.weights, strict=True):
        np.testing.assert_array_equal(weight, expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class_names": ("hand",)}, r"class_names \('hand',\), .*found \('face',\)"),
        ({"input_size": (32, 32)}, r"input_size \(32, 32\), .*found \(64, 64\)"),
    ],
)
def test_another_kind_of_teacher_is_refused(saved, changes, message):
    _, path = saved
    model = MODELS["tiny"](**changes)
    with pytest.raises(DataError, match=message):
        taught(Distillation(path), model, model.assigner, DetectionLoss())


def test_a_teacher_that_is_not_there(tiny, tmp_path):
    chosen = dataclasses.replace(Distillation(), teacher=str(tmp_path / "no.keras"))
    with pytest.raises(ModelError, match=r"no\.keras"):
        taught(chosen, tiny, tiny.assigner, DetectionLoss())
