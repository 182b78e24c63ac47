"""Distillation: a teacher network says of every point of every image what it sees there.

Unlike boxes that people drew, its scores tell how sure one can be, and which backgrounds are nearly
objects. Hinton et al. 2015, https://arxiv.org/abs/1503.02531; soft classes and boxes at the points
of a detector: Chen et al. 2017, Learning Efficient Object Detection Models with Knowledge
Distillation. What another kind of network has seen is learned from as annotations instead, see
`edgedet.data.sets.doubt`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from keras import ops

from edgedet.errors import DataError
from edgedet.geometry import ltrb
from edgedet.losses import giou_loss, quality_focal_loss
from edgedet.models import Detector
from edgedet.settings import Distillation
from edgedet.targets import Targets
from edgedet.training.run import load_trained


@dataclasses.dataclass(frozen=True)
class Lesson:
    """What every point should answer, by people and by the teacher.

    Attributes:
        targets: By people.
        answers: The teacher's raw predictions, `{kind: [B, P, k]}`, without a gradient.
    """

    targets: Targets
    answers: dict


@dataclasses.dataclass(frozen=True, eq=False)
class TaughtAssigner:
    """Gives the targets of another assigner together with the teacher's answers.

    Attributes:
        assigner: Of what people drew.
        teacher: Is shown the same images as the model that learns.
    """

    assigner: Callable
    teacher: Detector

    def __call__(self, truth, raw=None) -> Lesson:
        answers = self.teacher(truth["images"], training=False)
        answers = {kind: ops.stop_gradient(answer) for kind, answer in answers.items()}
        return Lesson(self.assigner(truth, raw), answers)


@dataclasses.dataclass(frozen=True, eq=False)
class TaughtLoss:
    """Adds the term `teacher` to a loss: how far raw predictions are from the teacher's.

    Attributes:
        loss: Of what people drew.
        weight: Of the term.
    """

    loss: Callable
    weight: float

    def terms_for(self, kinds) -> tuple[str, ...]:
        """Return the names of the terms for a model that says `kinds`."""
        return (*self.loss.terms_for(kinds), "teacher")

    def sums(self, raw, lesson: Lesson):
        """Return `{term: sum over all points}` and the number of positive points."""
        sums, positives = self.loss.sums(raw, lesson.targets)
        return {**sums, "teacher": self.weight * self._distance(raw, lesson)}, positives

    def _distance(self, raw, lesson):
        """Return the sum over points of the distance of classes, and of boxes it is sure of."""
        scores = ops.sigmoid(lesson.answers["class_logits"])
        classes = quality_focal_loss(raw["class_logits"], scores)
        points, strides = lesson.targets.points, lesson.targets.strides
        boxes = [ltrb.decode(one["box_ltrb"], points, strides) for one in (raw, lesson.answers)]
        return ops.sum(classes) + ops.sum(giou_loss(*boxes) * ops.max(scores, axis=-1))


def taught(chosen: Distillation, model: Detector, assigner: Callable, loss: Callable):
    """Return an assigner and a loss with which `model` learns from a teacher, too.

    Args:
        chosen: Names the teacher.
        model: What learns.
        assigner: Its assigner.
        loss: Its loss.

    Raises:
        DataError: The teacher's points or classes are not the model's.
        ModelError: The teacher cannot be read.
    """
    teacher, _ = load_trained(chosen.teacher)
    for name in ("class_names", "input_size", "strides"):
        theirs, ours = getattr(teacher, name), getattr(model, name)
        if theirs != ours:
            raise DataError(
                f"--teacher {chosen.teacher}: expected {name} {ours}, as the model that learns, "
                f"found {theirs}.\nLet another teacher label the images, and add them as --data."
            )
    return TaughtAssigner(assigner, teacher), TaughtLoss(loss, chosen.teacher_weight)
