import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses import DetectionLoss, focal_loss, giou_loss, quality_focal_loss
from edgedet.losses.detection import BOX_LOSSES, CLASS_LOSSES
from edgedet.targets import Targets

# Four points of stride 8; the second answers for an object of class 1, the last is ignored.
POINTS = np.array([[4, 4], [12, 4], [4, 12], [12, 12]], "float32")
BOX = [4.0, 0, 20, 12]


def targets(batch=1, **changes):
    labels = np.tile([-1, 1, -1, -1], (batch, 1))
    facts = {
        "points": POINTS,
        "strides": np.full(4, 8, "float32"),
        "labels": labels,
        "boxes": np.tile(np.array(BOX, "float32"), (batch, 4, 1)),
        "positive": labels >= 0,
        "ignored": np.tile([False, False, False, True], (batch, 1)),
        "known": np.ones((batch, 3), bool),
    }
    return Targets(**{key: tf.constant(value) for key, value in {**facts, **changes}.items()})


@pytest.fixture
def raw():
    generator = np.random.default_rng(0)
    return {
        "class_logits": tf.constant(generator.normal(0, 2, (1, 4, 3)), "float32"),
        # Half of the object's height: the second point says (12, 4) -+ (8, 4), +- (8, 2).
        "box_ltrb": tf.tile(tf.constant([[[1.0, 0.5, 1.0, 0.25]]]), (1, 4, 1)),
    }


def test_by_hand(raw):
    # The box said is [4, 0, 20, 6] of [4, 0, 20, 12]: IoU and GIoU are a half.
    wanted = np.zeros((1, 4, 3), "float32")
    wanted[0, 1, 1] = 0.5
    classes = quality_focal_loss(raw["class_logits"], tf.constant(wanted))[:, :3]
    terms = DetectionLoss(class_weight=3.0, box_weight=2.0)(raw, targets())
    assert float(terms["class"]) == pytest.approx(3 * float(tf.reduce_sum(classes)), rel=1e-5)
    assert float(terms["box"]) == pytest.approx(2 * 0.5)


def test_focal_loss_asks_for_one_whatever_the_box(raw):
    wanted = np.zeros((1, 4, 3), "float32")
    wanted[0, 1, 1] = 1.0
    classes = focal_loss(raw["class_logits"], tf.constant(wanted))[:, :3]
    terms = DetectionLoss("focal")(raw, targets())
    assert float(terms["class"]) == pytest.approx(float(tf.reduce_sum(classes)), rel=1e-5)


def test_nothing_is_asked_about_classes_that_were_not_looked_for(raw):
    known = targets(known=np.array([[True, True, False]]))
    changed = {**raw, "class_logits": raw["class_logits"] + [[[0.0, 0.0, 5.0]]]}
    loss = DetectionLoss()
    assert float(loss(changed, known)["class"]) == float(loss(raw, known)["class"])
    assert float(loss(changed, targets())["class"]) > float(loss(raw, targets())["class"])


@pytest.mark.parametrize("class_loss", CLASS_LOSSES)
def test_without_objects_there_is_a_class_loss_and_no_box_loss(raw, class_loss):
    nothing = targets(labels=np.full((1, 4), -1), positive=np.zeros((1, 4), bool))
    terms = DetectionLoss(class_loss)(raw, nothing)
    assert float(terms["class"]) > 0
    assert float(terms["box"]) == 0


@pytest.mark.parametrize("class_loss", CLASS_LOSSES)
@pytest.mark.parametrize("box_loss", BOX_LOSSES)
def test_the_same_images_twice_cost_the_same(raw, class_loss, box_loss):
    loss = DetectionLoss(class_loss, box_loss)
    twice = {name: tf.concat([value, value], axis=0) for name, value in raw.items()}
    once, doubled = loss(raw, targets()), loss(twice, targets(batch=2))
    assert once.keys() == doubled.keys() == set(DetectionLoss.terms)
    for term in once:
        assert float(doubled[term]) == pytest.approx(float(once[term]), rel=1e-6)


def test_ignored_points_change_nothing(raw):
    changed = {name: value.numpy() for name, value in raw.items()}
    changed["class_logits"][:, 3] = 50.0
    changed["box_ltrb"][:, 3] = 9.0
    before, after = DetectionLoss()(raw, targets()), DetectionLoss()(changed, targets())
    for term in before:
        assert float(after[term]) == float(before[term])
    asked = targets(ignored=np.zeros((1, 4), bool))
    assert float(DetectionLoss()(changed, asked)["class"]) > float(before["class"]) + 10


@pytest.mark.parametrize("box_loss", BOX_LOSSES)
def test_gradients_go_where_they_should(raw, box_loss):
    with tf.GradientTape() as tape:
        tape.watch(raw)
        terms = DetectionLoss("quality_focal", box_loss)(raw, targets())
        total = terms["class"] + terms["box"]
    gradient = {name: value.numpy()[0] for name, value in tape.gradient(total, raw).items()}
    # Classes at every point but the ignored one, the box at the one that answers for an object.
    assert gradient["class_logits"].any(axis=1).tolist() == [True, True, True, False]
    assert gradient["box_ltrb"].any(axis=1).tolist() == [False, True, False, False]


def test_quality_passes_no_gradient_to_the_box(raw):
    loss = DetectionLoss("quality_focal", box_weight=0.0)
    with tf.GradientTape() as tape:
        tape.watch(raw)
        terms = loss(raw, targets())
        total = terms["class"] + terms["box"]
    assert not tape.gradient(total, raw)["box_ltrb"].numpy().any()


def test_sums_are_the_terms_before_normalization(raw):
    two = targets(batch=2)
    raw = {name: tf.concat([value, value], axis=0) for name, value in raw.items()}
    sums, positives = DetectionLoss().sums(raw, two)
    terms = DetectionLoss()(raw, two)
    assert float(positives) == 2
    for term in terms:
        assert float(sums[term]) == pytest.approx(2 * float(terms[term]))


def test_box_loss_is_the_one_asked_for(raw):
    apart = targets(boxes=np.full((1, 4, 4), [40, 40, 48, 48], "float32"))
    predicted = tf.constant([[4.0, 0, 20, 6]])
    expected = float(giou_loss(predicted, tf.constant([[40.0, 40, 48, 48]]))[0])
    loss = dataclasses.replace(DetectionLoss(), box_weight=1.0)
    assert float(loss(raw, apart)["box"]) == pytest.approx(expected)
    assert float(dataclasses.replace(loss, box_loss="iou")(raw, apart)["box"]) == 1.0
