import dataclasses
import math

import numpy as np
import pytest

from edgedet.manifest import Level, Manifest
from edgedet.outputs import KINDS
from edgedet.runtime.decode import TOP_K, Decoder

MANIFEST = Manifest("tiny", (8, 8), ("a", "b"), (Level.of_stride(4), Level.of_stride(8)))
# softplus(ONE) = 1
ONE = math.log(math.e - 1)


def nothing(manifest=MANIFEST):
    """Return raw outputs in which no point sees anything."""
    raw = {}
    for level, side in zip(manifest.levels, (2, 1), strict=True):
        for kind in manifest.kinds:
            channels = KINDS[kind].channels or len(manifest.class_names)
            value = ONE if kind == "box_raw" else -20
            raw[manifest.tensor(level, kind)] = np.full((1, side, side, channels), value, "float32")
    return raw


def logit(score):
    return math.log(score / (1 - score))


def test_nothing_gives_nothing():
    candidates = Decoder(MANIFEST, 0.3)(nothing())
    assert len(candidates) == 0
    assert candidates.boxes.shape == (0, 4)
    assert candidates.labels.dtype == np.int32


def test_boxes_by_hand():
    raw = nothing()
    raw["p2_class_logits"][0, 1, 0, 1] = logit(0.6)  # Centre (2, 6), one stride of 4 around.
    raw["p3_class_logits"][0, 0, 0, 0] = logit(0.9)  # Centre (4, 4), one stride of 8 around.

    candidates = Decoder(MANIFEST, 0.3)(raw)

    np.testing.assert_allclose(candidates.scores, [0.9, 0.6], rtol=1e-5)
    np.testing.assert_array_equal(candidates.labels, [0, 1])
    np.testing.assert_allclose(candidates.boxes, [[-4, -4, 12, 12], [-2, 2, 6, 10]], atol=1e-5)


def test_the_threshold_belongs_to_the_detections():
    raw = nothing()
    raw["p3_class_logits"][0, 0, 0] = [0.0, np.nextafter(np.float32(0), np.float32(-1)) - 1e-3]
    # sigmoid(0) is 0.5 exactly; a little less is not.
    np.testing.assert_array_equal(Decoder(MANIFEST, 0.5)(raw).labels, [0])


def test_one_point_may_see_two_classes():
    raw = nothing()
    raw["p3_class_logits"][0, 0, 0] = [2, 1]
    candidates = Decoder(MANIFEST, 0.3)(raw)
    np.testing.assert_array_equal(candidates.labels, [0, 1])
    np.testing.assert_array_equal(candidates.boxes[0], candidates.boxes[1])


@pytest.mark.parametrize("kind", ["centerness_logits", "quality_logits"])
def test_quality_enters_by_the_geometric_mean(kind):
    manifest = dataclasses.replace(MANIFEST, kinds=("class_logits", "box_raw", kind))
    raw = nothing(manifest)
    # sqrt(0.2 * 0.8) = 0.4, above the threshold although the class alone is not.
    raw["p3_class_logits"][0, 0, 0, 0] = logit(0.2)
    raw[f"p3_{kind}"][...] = logit(0.8)
    # sqrt(0.5 * 0.1) = 0.22, below it although the class alone is above.
    raw["p2_class_logits"][0, 0, 0, 0] = logit(0.5)
    raw[f"p2_{kind}"][...] = logit(0.1)
    np.testing.assert_allclose(Decoder(manifest, 0.3)(raw).scores, [0.4], rtol=1e-5)


def test_objectness_enters_as_a_factor():
    kinds = ("class_logits", "box_raw", "objectness_logits")
    manifest = dataclasses.replace(MANIFEST, kinds=kinds)
    raw = nothing(manifest)
    raw["p3_class_logits"][0, 0, 0, 0] = logit(0.9)
    raw["p3_objectness_logits"][...] = logit(0.5)
    np.testing.assert_allclose(Decoder(manifest, 0.3)(raw).scores, [0.45], rtol=1e-5)


def test_a_class_counts_as_much_as_the_domains_that_hold_it():
    manifest = dataclasses.replace(
        MANIFEST,
        kinds=("class_logits", "box_raw", "domain_logits"),
        # Wildlife holds both, people a alone, all others b alone.
        domain_classes=(("a", "b"), ("a",), ("b",), ("b",), ("b",)),
    )
    raw = nothing(manifest)
    raw["p3_class_logits"][0, 0, 0] = logit(0.9), logit(0.8)
    # Shares of 1/10, 6/10, 1/10, 1/10, 1/10.
    raw["p3_domain_logits"][0, 0, 0] = 0, math.log(6), 0, 0, 0

    candidates = Decoder(manifest, 0.2)(raw)

    np.testing.assert_array_equal(candidates.labels, [0, 1])
    np.testing.assert_allclose(candidates.scores, [0.9 * 0.7, 0.8 * 0.4], rtol=1e-5)
    np.testing.assert_array_equal(candidates.domains, [1, 1])
    assert len(Decoder(manifest, 0.5)(raw)) == 1
    # Where nobody says what belongs where, everything may be anywhere.
    open_to_all = Decoder(dataclasses.replace(manifest, domain_classes=()), 0.2)(raw)
    np.testing.assert_allclose(open_to_all.scores, [0.9, 0.8], rtol=1e-5)
    assert Decoder(MANIFEST, 0.2)(nothing()).domains is None


def test_the_standard_deviation_of_each_side_by_hand():
    kinds = ("class_logits", "box_raw", "box_log_variance")
    manifest = dataclasses.replace(MANIFEST, kinds=kinds)
    raw = nothing(manifest)
    raw["p2_class_logits"][0, 1, 0, 1] = logit(0.6)
    raw["p3_class_logits"][0, 0, 0, 0] = logit(0.9)
    # Variances of 1, 4, 1/4 and 9 square strides of 8 pixels; of 1 square stride of 4.
    raw["p3_box_log_variance"][...] = np.log([1, 4, 0.25, 9])
    raw["p2_box_log_variance"][0, 1, 0] = 0

    candidates = Decoder(manifest, 0.3)(raw)

    expected = np.array([[8, 16, 4, 24], [4, 4, 4, 4]])
    np.testing.assert_allclose(candidates.box_std, expected, rtol=1e-5)
    assert candidates.box_std.dtype == np.float32
    calibrated = Decoder(dataclasses.replace(manifest, box_std_scale=1.5), 0.3)(raw)
    np.testing.assert_allclose(calibrated.box_std, 1.5 * expected, rtol=1e-5)
    np.testing.assert_array_equal(calibrated.boxes, candidates.boxes)
    assert Decoder(manifest, 0.95)(raw).box_std.shape == (0, 4)


def test_a_deviation_leaves_with_its_box():
    kinds = ("class_logits", "box_raw", "box_log_variance")
    manifest = dataclasses.replace(MANIFEST, kinds=kinds)
    raw = nothing(manifest)
    # The best box is no box, the second has a deviation that is no number.
    raw["p3_class_logits"][0, 0, 0, 0] = 3
    raw["p3_box_raw"][...] = np.nan
    for row, (score, variance) in enumerate([(2, np.inf), (1, 4)]):
        raw["p2_class_logits"][0, row, 0, 0] = score
        raw["p2_box_log_variance"][0, row, 0] = np.log(variance)
    raw["p3_box_log_variance"][...] = np.log(25)
    candidates = Decoder(manifest, 0.3)(raw)
    np.testing.assert_allclose(candidates.boxes, [[-2, 2, 6, 10]], atol=1e-5)
    np.testing.assert_allclose(candidates.box_std, [[8, 8, 8, 8]], rtol=1e-5)


def test_a_model_that_does_not_estimate_it_has_no_standard_deviation():
    raw = nothing()
    raw["p3_class_logits"][0, 0, 0, 0] = 1
    assert Decoder(MANIFEST, 0.3)(raw).box_std is None


def test_two_outputs_of_one_role_are_refused():
    kinds = ("class_logits", "box_raw", "centerness_logits", "quality_logits")
    with pytest.raises(ValueError, match="centerness_logits beside quality_logits"):
        dataclasses.replace(MANIFEST, kinds=kinds)


def test_only_the_best_are_decoded():
    manifest = Manifest("tiny", (160, 160), ("a",), (Level.of_stride(4),))
    logits = np.random.default_rng(0).normal(size=(1, 40, 40, 1)).astype("float32")
    raw = {"p2_class_logits": logits, "p2_box_raw": np.ones((1, 40, 40, 4), "float32")}

    scores = Decoder(manifest, 0.0)(raw).scores

    assert len(scores) == TOP_K
    expected = np.sort(1 / (1 + np.exp(-logits.ravel().astype("float64"))))[::-1][:TOP_K]
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


EVERY_ROLE = (
    *("class_logits", "box_raw", "quality_logits"),
    *("objectness_logits", "box_log_variance", "domain_logits"),
)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38, -1e38, 1e18])
@pytest.mark.parametrize("min_score", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("kind", EVERY_ROLE)
def test_numbers_that_are_none_never_crash(kind, value, min_score):
    manifest = dataclasses.replace(MANIFEST, kinds=EVERY_ROLE)
    raw = {name: np.zeros_like(tensor) for name, tensor in nothing(manifest).items()}
    for level in ("p2", "p3"):
        raw[f"{level}_{kind}"][...] = value

    candidates = Decoder(manifest, min_score)(raw)

    assert np.isfinite(candidates.boxes).all()
    assert np.isfinite(candidates.scores).all()
    assert np.isfinite(candidates.box_std).all()
