import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from edgedet.losses import (
    DetectionLoss,
    bce_with_logits_loss,
    focal_loss,
    giou_loss,
    quality_focal_loss,
)
from edgedet.losses.detection import BOX_LOSSES, CLASS_LOSSES
from edgedet.outputs import KINDS


@pytest.fixture
def raw():
    generator = np.random.default_rng(0)
    return {
        "class_logits": tf.constant(generator.normal(0, 2, (1, 4, 3)), "float32"),
        # Half of the object's height: the second point says (12, 4) -+ (8, 4), +- (8, 2).
        "box_ltrb": tf.tile(tf.constant([[[1.0, 0.5, 1.0, 0.25]]]), (1, 4, 1)),
    }


def test_by_hand(raw, make_targets):
    # The box said is [4, 0, 20, 6] of [4, 0, 20, 12]: IoU and GIoU are a half.
    wanted = np.zeros((1, 4, 3), "float32")
    wanted[0, 1, 1] = 0.5
    classes = quality_focal_loss(raw["class_logits"], tf.constant(wanted))[:, :3]
    terms = DetectionLoss(class_weight=3.0, box_weight=2.0)(raw, make_targets())
    assert float(terms["class"]) == pytest.approx(3 * float(tf.reduce_sum(classes)), rel=1e-5)
    assert float(terms["box"]) == pytest.approx(2 * 0.5)


def test_focal_loss_asks_for_one_whatever_the_box(raw, make_targets):
    wanted = np.zeros((1, 4, 3), "float32")
    wanted[0, 1, 1] = 1.0
    classes = focal_loss(raw["class_logits"], tf.constant(wanted))[:, :3]
    terms = DetectionLoss("focal")(raw, make_targets())
    assert float(terms["class"]) == pytest.approx(float(tf.reduce_sum(classes)), rel=1e-5)


def test_contrast_is_asked_of_objects_alone(raw, make_targets):
    plain = DetectionLoss(class_weight=3.0)(raw, make_targets())
    both = DetectionLoss(class_weight=3.0, contrast_weight=0.5)(raw, make_targets())
    # Of four points only the second is an object, of the second class.
    logits = raw["class_logits"].numpy()[0, 1]
    apart = np.log(np.exp(logits).sum()) - logits[1]
    assert float(both["class"] - plain["class"]) == pytest.approx(3 * 0.5 * apart, rel=1e-4)
    assert float(both["box"]) == float(plain["box"])


def test_of_background_nothing_is_asked_about_classes_that_were_not_looked_for(raw, make_targets):
    known = make_targets(known=np.array([[True, True, False]]))
    background = np.array([1.0, 0.0, 1.0, 1.0], "float32")[None, :, None]
    changed = {**raw, "class_logits": raw["class_logits"] + background * [[[0.0, 0.0, 5.0]]]}
    loss = DetectionLoss()
    assert float(loss(changed, known)["class"]) == float(loss(raw, known)["class"])
    assert float(loss(changed, make_targets())["class"]) > float(loss(raw, make_targets())["class"])


def test_an_object_is_none_of_the_classes_that_were_not_looked_for(raw, make_targets):
    # A car in a set without animals is no animal, though nobody looked for any.
    known = make_targets(known=np.array([[False, True, False]]))
    object_ = np.array([0.0, 1.0, 0.0, 0.0], "float32")[None, :, None]
    changed = {**raw, "class_logits": raw["class_logits"] + object_ * [[[0.0, 0.0, 5.0]]]}
    loss = DetectionLoss()
    assert float(loss(changed, known)["class"]) > float(loss(raw, known)["class"]) + 1


@pytest.mark.parametrize("class_loss", CLASS_LOSSES)
def test_without_objects_there_is_a_class_loss_and_no_box_loss(raw, class_loss, make_targets):
    nothing = make_targets(labels=np.full((1, 4), -1), positive=np.zeros((1, 4), bool))
    terms = DetectionLoss(class_loss)(raw, nothing)
    assert float(terms["class"]) > 0
    assert float(terms["box"]) == 0


@pytest.mark.parametrize("class_loss", CLASS_LOSSES)
@pytest.mark.parametrize("box_loss", BOX_LOSSES)
def test_the_same_images_twice_cost_the_same(raw, class_loss, box_loss, make_targets):
    loss = DetectionLoss(class_loss, box_loss)
    twice = {name: tf.concat([value, value], axis=0) for name, value in raw.items()}
    once, doubled = loss(raw, make_targets()), loss(twice, make_targets(batch=2))
    assert once.keys() == doubled.keys() == {"class", "box"}
    for term in once:
        assert float(doubled[term]) == pytest.approx(float(once[term]), rel=1e-6)


def test_ignored_points_change_nothing(raw, make_targets):
    changed = {name: value.numpy() for name, value in raw.items()}
    changed["class_logits"][:, 3] = 50.0
    changed["box_ltrb"][:, 3] = 9.0
    before, after = DetectionLoss()(raw, make_targets()), DetectionLoss()(changed, make_targets())
    for term in before:
        assert float(after[term]) == float(before[term])
    asked = make_targets(ignored=np.zeros((1, 4), bool))
    assert float(DetectionLoss()(changed, asked)["class"]) > float(before["class"]) + 10


@pytest.mark.parametrize("box_loss", BOX_LOSSES)
def test_gradients_go_where_they_should(raw, box_loss, make_targets):
    with tf.GradientTape() as tape:
        tape.watch(raw)
        terms = DetectionLoss("quality_focal", box_loss)(raw, make_targets())
        total = terms["class"] + terms["box"]
    gradient = {name: value.numpy()[0] for name, value in tape.gradient(total, raw).items()}
    # Classes at every point but the ignored one, the box at the one that answers for an object.
    assert gradient["class_logits"].any(axis=1).tolist() == [True, True, True, False]
    assert gradient["box_ltrb"].any(axis=1).tolist() == [False, True, False, False]


def test_quality_passes_no_gradient_to_the_box(raw, make_targets):
    loss = DetectionLoss("quality_focal", box_weight=0.0)
    with tf.GradientTape() as tape:
        tape.watch(raw)
        terms = loss(raw, make_targets())
        total = terms["class"] + terms["box"]
    assert not tape.gradient(total, raw)["box_ltrb"].numpy().any()


def test_sums_are_the_terms_before_normalization(raw, make_targets):
    two = make_targets(batch=2)
    raw = {name: tf.concat([value, value], axis=0) for name, value in raw.items()}
    sums, positives = DetectionLoss().sums(raw, two)
    terms = DetectionLoss()(raw, two)
    assert float(positives) == 2
    for term in terms:
        assert float(sums[term]) == pytest.approx(2 * float(terms[term]))


def test_box_loss_is_the_one_asked_for(raw, make_targets):
    apart = make_targets(boxes=np.full((1, 4, 4), [40, 40, 48, 48], "float32"))
    predicted = tf.constant([[4.0, 0, 20, 6]])
    expected = float(giou_loss(predicted, tf.constant([[40.0, 40, 48, 48]]))[0])
    loss = dataclasses.replace(DetectionLoss(), box_weight=1.0)
    assert float(loss(raw, apart)["box"]) == pytest.approx(expected)
    assert float(dataclasses.replace(loss, box_loss="iou")(raw, apart)["box"]) == 1.0


# Logits of what a head may say beside classes and boxes.
MORE = {
    "quality_logits": 1,
    "centerness_logits": 1,
    "objectness_logits": 1,
    "box_log_variance": 4,
}


@pytest.fixture
def more(raw):
    """Return `raw` with some more kinds of outputs: `more("quality_logits")`."""

    def add(*kinds):
        generator = np.random.default_rng(1)
        said = {kind: generator.normal(0, 1, (1, 4, count)) for kind, count in MORE.items()}
        return {**raw, **{kind: tf.constant(said[kind], tf.float32) for kind in kinds}}

    return add


ALL = ("quality_logits", "objectness_logits", "box_log_variance")


@pytest.mark.parametrize("kinds", [(), *((kind,) for kind in MORE), ALL])
def test_the_terms_are_known_before_the_first_step(more, make_targets, kinds):
    terms = DetectionLoss().terms_for(("class_logits", "box_raw", *kinds))
    assert terms == ("class", "box", *(KINDS[kind].role for kind in kinds))
    assert set(DetectionLoss()(more(*kinds), make_targets())) == set(terms)


def test_domains_are_learned_only_where_they_are_told(more, make_targets):
    loss = DetectionLoss(domain_weight=0.5)
    assert loss.terms_for(("class_logits", "box_raw")) == ("class", "box")
    assert loss.terms_for(("class_logits", "box_raw", "domain_logits")) == (
        *("class", "box", "domain"),
    )
    raw, told = more(), {**more(), "domain_logits": tf.zeros([1, 4, 5])}
    plain, terms = loss(raw, make_targets()), loss(told, make_targets(domain=np.array([2])))
    assert plain.keys() == {"class", "box"} and terms.keys() == {"class", "box", "domain"}
    assert all(float(terms[name]) == float(plain[name]) for name in plain)
    # Five that are equally likely: ln 5 at the one positive point, and once for the image.
    assert float(terms["domain"]) == pytest.approx(0.5 * 2 * np.log(5), rel=1e-5)


def test_every_term_has_its_weight(more, make_targets):
    plain = DetectionLoss("bce", "giou", 1.0, 1.0, 1.0, 1.0, 1.0)(more(*ALL), make_targets())
    weighed = DetectionLoss("bce", "giou", 2.0, 3.0, 5.0, 7.0, 11.0)(more(*ALL), make_targets())
    factors = {"class": 2, "box": 3, "quality": 5, "objectness": 7, "log_variance": 11}
    for term, factor in factors.items():
        assert float(weighed[term]) == pytest.approx(factor * float(plain[term]), rel=1e-5)


def test_quality_is_the_iou_at_positives(more, make_targets):
    raw = more("quality_logits")
    # The object's point says half of it.
    expected = bce_with_logits_loss(raw["quality_logits"][0, 1, 0], 0.5)
    assert float(DetectionLoss()(raw, make_targets())["quality"]) == pytest.approx(float(expected))


def test_centerness_is_the_points(more, make_targets):
    raw = more("centerness_logits")
    # The object's point is in the middle of its width, and at a third of its height: 4 and 8.
    expected = bce_with_logits_loss(raw["centerness_logits"][0, 1, 0], 0.5**0.5)
    assert float(DetectionLoss()(raw, make_targets())["quality"]) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("class_loss", "cost", "wanted"),
    [("bce", bce_with_logits_loss, 0.5), ("focal", focal_loss, 1.0)],
)
def test_beside_objectness_only_objects_tell_classes_apart(
    more, make_targets, class_loss, cost, wanted
):
    raw = more("objectness_logits")
    known = np.array([[True, True, False]])
    found = DetectionLoss(class_loss)(raw, make_targets(known=known))["class"]
    logits = raw["class_logits"][0, 1]
    expected = cost(logits, tf.constant([0.0, wanted, 0.0]))
    assert float(found) == pytest.approx(float(tf.reduce_sum(expected)), rel=1e-5)


def test_objectness_is_asked_at_all_points(more, make_targets):
    raw = more("objectness_logits")
    expected = bce_with_logits_loss(raw["objectness_logits"][0, :3, 0], np.eye(4)[1, :3])
    found = DetectionLoss()(raw, make_targets())["objectness"]
    assert float(found) == pytest.approx(float(tf.reduce_sum(expected)), rel=1e-5)


def test_uncertainty_changes_no_gradient_of_a_box(more, make_targets):
    def slope(raw):
        with tf.GradientTape() as tape:
            tape.watch(raw)
            total = sum(DetectionLoss()(raw, make_targets()).values())
        return tape.gradient(total, raw)["box_ltrb"].numpy()

    for log_variance in (-4.0, 4.0):
        said = {**more(), "box_log_variance": tf.fill([1, 4, 4], log_variance)}
        np.testing.assert_array_equal(slope(said), slope(more()))


def test_all_terms_of_the_same_images_twice_cost_the_same(more, make_targets):
    raw = more(*ALL)
    once = DetectionLoss()(raw, make_targets())
    raw = {name: tf.concat([value, value], axis=0) for name, value in raw.items()}
    doubled = DetectionLoss()(raw, make_targets(batch=2))
    for term in once:
        assert float(doubled[term]) == pytest.approx(float(once[term]), rel=1e-5)


def test_no_term_listens_to_ignored_points(more, make_targets):
    raw = more(*ALL)
    changed = {name: value.numpy() for name, value in raw.items()}
    for value in changed.values():
        value[:, 3] = 9.0
    before, after = DetectionLoss()(raw, make_targets()), DetectionLoss()(changed, make_targets())
    for term in before:
        assert float(after[term]) == float(before[term])


@pytest.mark.parametrize("quality", ["quality_logits", "centerness_logits"])
def test_an_image_without_objects_has_background_only(more, make_targets, quality):
    inside = np.tile(np.array([-50, -50, 50, 50], "float32"), (1, 4, 1))
    nothing = make_targets(
        labels=np.full((1, 4), -1), positive=np.zeros((1, 4), bool), boxes=inside
    )
    terms = DetectionLoss()(more(quality, "objectness_logits", "box_log_variance"), nothing)
    assert float(terms.pop("objectness")) > 0
    assert all(float(value) == 0 for value in terms.values())


def test_soft_targets_say_the_class_and_how_much_a_point_counts(raw, make_targets):
    # Two points of one object, of quality 0.75 and 0.25: one point in all.
    labels, quality = np.array([[-1, 1, 1, -1]]), np.array([[0, 0.75, 0.25, 0]], "float32")
    soft = make_targets(labels=labels, positive=labels >= 0, quality=quality)
    terms = DetectionLoss(box_weight=1.0)(raw, soft)
    sums, positives = DetectionLoss().sums(raw, soft)
    assert float(positives) == 1.0
    wanted = np.zeros((1, 4, 3), "float32")
    wanted[0, 1, 1], wanted[0, 2, 1] = 0.75, 0.25
    classes = quality_focal_loss(raw["class_logits"], tf.constant(wanted))[:, :3]
    assert float(terms["class"]) == pytest.approx(float(tf.reduce_sum(classes)), rel=1e-5)
    # The boxes said are [4, 0, 20, 6], half of the object, and [-4, 8, 12, 14]: they share 8 x 4
    # of a union of 16 x 12 + 16 x 6 - 32 = 256 in a hull of 24 x 14 = 336.
    giou = 32 / 256 - 80 / 336
    assert float(terms["box"]) == pytest.approx(0.75 * 0.5 + 0.25 * (1 - giou), rel=1e-5)
    # Nor does the cross entropy between classes ask more of a doubtful point.
    told = DetectionLoss(contrast_weight=0.5)(raw, soft)["class"]
    logits = raw["class_logits"].numpy()[0]
    apart = np.log(np.exp(logits).sum(axis=-1)) - logits[:, 1]
    expected = 0.5 * (0.75 * apart[1] + 0.25 * apart[2])
    assert float(told - terms["class"]) == pytest.approx(expected, rel=1e-4)
