import dataclasses

import numpy as np
import pytest

from edgedet.errors import ImageError, ManifestError
from edgedet.runtime import EdgeDetector
from edgedet.runtime.detector import STEPS


def frame_with_white_cell():
    frame = np.zeros((32, 32, 3), "uint8")
    frame[8:12, 16:20] = 255
    return frame


def test_one_white_cell_is_one_box(tiny):
    detections = EdgeDetector.load(tiny)(frame_with_white_cell())
    # Centre (18, 10), one stride of 4 to every side; the logit is 4 within a step of 0.094.
    np.testing.assert_allclose(detections.boxes, [[14, 6, 22, 14]], atol=0.02)
    np.testing.assert_allclose(detections.scores, [1 / (1 + np.exp(-4))], atol=0.002)
    np.testing.assert_array_equal(detections.labels, [0])


def test_boxes_are_in_pixels_of_the_frame(tiny):
    # 96 x 192 is scaled by 1/6 and lies between rows 8 and 24 of the input.
    frame = np.zeros((96, 192, 3), "uint8")
    frame[24:48, 96:120] = 255  # Rows 12-16 and columns 16-20 of the input: one cell.
    detections = EdgeDetector.load(tiny)(frame)
    # The filter blurs the border, so the score is lower and the box a little smaller.
    np.testing.assert_allclose(detections.boxes, [[84, 12, 132, 60]], atol=1.0)


def test_boxes_end_at_the_frame(tiny):
    frame = np.zeros((32, 32, 3), "uint8")
    frame[:4, :4] = 255  # Centre (2, 2): the box would begin at -2.
    boxes = EdgeDetector.load(tiny)(frame).boxes
    np.testing.assert_allclose(boxes, [[0, 0, 6, 6]], atol=0.02)


def test_what_lies_in_the_padding_is_dropped(manifest):
    raw = {
        "p2_class_logits": np.full((1, 8, 8, 2), -20, "float32"),
        "p2_box_raw": np.full((1, 8, 8, 4), -1, "float32"),
        "p3_class_logits": np.full((1, 4, 4, 2), -20, "float32"),
        "p3_box_raw": np.full((1, 4, 4, 4), -1, "float32"),
    }
    raw["p2_class_logits"][0, 0, 0, 0] = 5
    detect = EdgeDetector(lambda images: raw, manifest)
    # The first row of points is padding of a frame twice as wide as high.
    assert len(detect(np.zeros((16, 32, 3), "uint8"))) == 0
    assert len(detect(np.zeros((32, 32, 3), "uint8"))) == 1


def estimating(manifest):
    """Return a manifest with deviations, and raw outputs of one stride in which nobody is seen."""
    manifest = dataclasses.replace(manifest, kinds=(*manifest.kinds, "box_log_variance"))
    channels = {"class_logits": (2, -20), "box_raw": (4, 1), "box_log_variance": (4, 0)}
    raw = {
        f"{level}_{kind}": np.full((1, side, side, count), value, "float32")
        for level, side in (("p2", 8), ("p3", 4))
        for kind, (count, value) in channels.items()
    }
    return manifest, raw


def test_standard_deviations_are_in_pixels_of_the_frame(manifest):
    manifest, raw = estimating(manifest)
    raw["p2_class_logits"][0, 4, 4, 0] = 5
    raw["p2_box_log_variance"][0, 4, 4] = np.log(4)
    # In the padding, so it is dropped with its deviation.
    raw["p2_class_logits"][0, 0, 0, 0] = 9
    raw["p2_box_raw"][0, 0, 0] = -1
    calibrated = dataclasses.replace(manifest, box_std_scale=2.0)
    detections = EdgeDetector(lambda images: raw, calibrated)(np.zeros((48, 96, 3), "uint8"))
    # Two strides of four pixels, doubled by the calibration, in a frame three times as wide.
    np.testing.assert_allclose(detections.box_std, [[48, 48, 48, 48]], rtol=1e-5)
    assert detections.box_std.dtype == np.float32


def test_deviations_follow_the_scale_of_their_axis(manifest):
    manifest, raw = estimating(manifest)
    raw["p2_class_logits"][0, 3, 3, 0] = 5
    # Four rows become one and 96 columns 32: one stride of 4 pixels is 16 rows, 12 columns.
    detections = EdgeDetector(lambda images: raw, manifest)(np.zeros((4, 96, 3), "uint8"))
    np.testing.assert_allclose(detections.box_std, [[12, 16, 12, 16]], rtol=1e-5)


@pytest.mark.parametrize("interval", [None, 1, 30])
def test_a_still_image_does_not_care_for_the_refresh_interval(tiny, interval):
    detect = EdgeDetector.load(tiny, refresh_interval=interval)
    assert detect.refresh_interval == interval
    plain = EdgeDetector.load(tiny)(frame_with_white_cell())
    np.testing.assert_array_equal(detect(frame_with_white_cell()).boxes, plain.boxes)


def test_a_refresh_interval_is_at_least_one_frame(tiny):
    with pytest.raises(ValueError, match="refresh_interval: expected 1 or more, received 0"):
        EdgeDetector.load(tiny, refresh_interval=0)


def test_thresholds_override_the_manifest(tiny, manifest):
    assert EdgeDetector.load(tiny).min_score == manifest.min_score
    assert len(EdgeDetector.load(tiny, min_score=0.99)(frame_with_white_cell())) == 0
    # At 0 every point and class is a candidate; only so many are reported.
    everything = EdgeDetector.load(tiny, min_score=0.0, iou_threshold=1.0)
    assert len(everything(frame_with_white_cell())) == manifest.max_detections
    detect = EdgeDetector(everything.engine, manifest, min_score=0.0, max_detections=3)
    assert len(detect(frame_with_white_cell())) == 3


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
@pytest.mark.parametrize("name", ["min_score", "iou_threshold"])
def test_a_threshold_outside_0_to_1_is_refused(tiny, name, wrong):
    with pytest.raises(ValueError, match=name):
        EdgeDetector.load(tiny, **{name: wrong})


def test_detections_come_best_first(tiny):
    frame = frame_with_white_cell()
    frame[20:24, 4:8] = 230
    scores = EdgeDetector.load(tiny)(frame).scores
    assert len(scores) == 2
    assert scores[0] > scores[1]


def test_voting_moves_a_box_where_the_manifest_says_so(tiny, manifest):
    engine = EdgeDetector.load(tiny).engine
    frame = frame_with_white_cell()
    frame[8:12, 20:24] = 225  # A weaker neighbour, one cell to the right.
    plain = EdgeDetector(engine, manifest, iou_threshold=0.2)(frame)
    voting = dataclasses.replace(manifest, box_voting=True)
    voted = EdgeDetector(engine, voting, iou_threshold=0.2)(frame)
    np.testing.assert_array_equal(plain.scores, voted.scores)
    assert len(plain) == len(voted) == 1
    assert plain.boxes[0, 0] + 1 < voted.boxes[0, 0] < plain.boxes[0, 0] + 4


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_engine_that_fails_finds_nothing_or_finite_boxes(manifest, value):
    raw = {name: np.full((1, 8, 8, 4), value, "float32") for name in manifest.tensors}
    for level, side in (("p2", 8), ("p3", 4)):
        raw[f"{level}_class_logits"] = np.full((1, side, side, 2), value, "float32")
        raw[f"{level}_box_raw"] = np.full((1, side, side, 4), value, "float32")
    detections = EdgeDetector(lambda images: raw, manifest)(np.zeros((20, 30, 3), "uint8"))
    assert np.isfinite(detections.boxes).all()
    assert len(detections) == 0


def test_steps_are_timed(tiny):
    _, milliseconds = EdgeDetector.load(tiny, threads=2).timed(frame_with_white_cell())
    assert tuple(milliseconds) == STEPS
    assert all(value > 0 for value in milliseconds.values())
    parts = sum(milliseconds[step] for step in STEPS[:3])
    assert milliseconds["total"] == pytest.approx(parts)


def test_bad_frames_and_files_are_named(tiny, tmp_path):
    with pytest.raises(ImageError, match="float64"):
        EdgeDetector.load(tiny)(np.zeros((4, 4, 3)))
    with pytest.raises(ManifestError, match="no such model"):
        EdgeDetector.load(tmp_path / "none.tflite")
