import tarfile
from pathlib import PurePosixPath

import numpy as np
import pytest

from edgedet.data import wider_face as annotations
from edgedet.detections import Detections
from edgedet.errors import DataError
from edgedet.images import read
from edgedet.metrics import wider_face, wider_face_lists
from edgedet.metrics.names import WIDER_FACE_SETTINGS


def found(boxes, scores):
    count = len(scores)
    return Detections(np.array(boxes, float).reshape(-1, 4), np.array(scores), np.zeros(count, int))


def faces(boxes, counted, valid=None):
    counted = np.array(counted, bool)
    valid = np.ones(len(counted), bool) if valid is None else np.array(valid)
    settings = dict.fromkeys(WIDER_FACE_SETTINGS, counted)
    return wider_face_lists.Faces(np.array(boxes, float).reshape(-1, 4), valid, settings)


def easy(detections, there):
    return wider_face.setting_curves(detections, there)["easy"].average(None)


FIRST, SECOND, NOWHERE = [0, 0, 20, 20], [100, 0, 120, 20], [50, 50, 60, 60]


def test_right_wrong_right():
    detections = [found([FIRST, NOWHERE, SECOND], [0.9, 0.5, 0.1])]
    # Recall .5 at precision 1, recall 1 at precision 2/3.
    assert easy(detections, [faces([FIRST, SECOND], [1, 1])]) == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_detections_on_faces_that_do_not_count_are_left_out():
    detections = [found([FIRST, SECOND], [0.9, 0.8])]
    assert easy(detections, [faces([FIRST, SECOND], [0, 1])]) == 1.0


def test_a_second_detection_of_a_face_is_a_false_alarm():
    detections = [found([FIRST, FIRST, SECOND], [0.9, 0.5, 0.1])]
    assert easy(detections, [faces([FIRST, SECOND], [1, 1])]) == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_boxes_include_their_last_pixel():
    # [0, 9] x [0, 9] holds 100 pixels, [0, 9] x [0, 4] 50: an overlap of one half, where the
    # continuous areas are 81 and 36.
    detections = [found([[0, 0, 9, 4], SECOND], [0.9, 0.1])]
    assert easy(detections, [faces([[0, 0, 9, 9], SECOND], [1, 1])]) == 1.0


def test_no_detections_and_no_faces():
    nobody = faces([], [])
    assert easy([found([], [])], [faces([FIRST], [1])]) == 0.0
    assert easy([found([FIRST], [0.9])], [nobody]) == 0.0
    # All scores equal: there is one threshold.
    assert easy([found([FIRST], [0.4])], [faces([FIRST], [1])]) == 1.0


def test_large_faces():
    there = faces([[0, 0, 10, 4], [0, 0, 9, 9], [0, 0, 30, 30], [0, 0, 40, 9]], [1, 1, 0, 1],
                  valid=[True, True, True, False])  # fmt: skip
    large = wider_face_lists.large_faces(there, (50, 100), 0.1)
    # Of a 100 x 50 image: large enough, too small, not on the hard list, invalid.
    assert large.tolist() == [True, False, False, False]


def test_a_folder_without_lists_is_named(tmp_path):
    with pytest.raises(DataError, match="wider_easy_val.mat"):
        wider_face_lists.read_faces(tmp_path)
    (tmp_path / "wider_easy_val.mat").write_bytes(b"no MATLAB file" * 20)
    with pytest.raises(DataError, match="wider_easy_val.mat"):
        wider_face_lists.read_faces(tmp_path)


def test_a_list_that_is_damaged_inside_is_named(tmp_path):
    scipy_io = pytest.importorskip("scipy.io")
    path = tmp_path / "wider_easy_val.mat"
    scipy_io.savemat(path, {"event_list": np.arange(5000)}, do_compression=True)
    whole = path.read_bytes()
    # The header of 128 bytes is text; behind it lies what is compressed.
    for place in range(128, len(whole), 97):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="expected one of WIDER FACE's official lists"):
            wider_face_lists.read_faces(tmp_path)


@pytest.fixture(scope="module")
def official(real_data):
    return wider_face_lists.read_faces(real_data / "faces" / "eval_tools" / "ground_truth")


@pytest.fixture(scope="module")
def predictions(real_data):
    archive = real_data / "faces/eval_tools/retinaface_mobilenet025_widerface_txt.tar.xz"
    detections = {}
    with tarfile.open(archive) as tar:
        for member in filter(tarfile.TarInfo.isfile, tar):
            lines = tar.extractfile(member).read().decode().splitlines()
            rows = np.array([line.split() for line in lines[2:]], float).reshape(-1, 5)
            boxes = np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]])
            path = PurePosixPath(member.name)
            detections[path.parent.name, path.stem] = found(boxes, rows[:, 4])
    return detections


@pytest.fixture(scope="module")
def subset(real_data):
    return annotations.read(real_data / "faces", "val").records


def key(record):
    return record.image.parent.name, record.image.stem


def percent(curves):
    return [round(100 * curve.average(None), 3) for curve in curves.values()]


def test_known_detector_on_all_images(official, predictions):
    curves = wider_face.setting_curves([predictions[k] for k in official], official.values())
    assert percent(curves) == [90.696, 88.158, 73.829]
    assert [curve.objects for curve in curves.values()] == [7211, 13319, 31958]


def test_known_detector_on_the_subset(official, predictions, subset):
    keys = [key(record) for record in subset]
    curves = wider_face.setting_curves([predictions[k] for k in keys], [official[k] for k in keys])
    assert percent(curves) == [89.094, 88.497, 78.985]
    assert [curve.objects for curve in curves.values()] == [518, 979, 2037]


def test_large_faces_of_the_subset(official, predictions, subset):
    keys = [key(record) for record in subset]
    there = [official[k] for k in keys]
    sizes = [read(record.image)[1] for record in subset]
    detections = [predictions[k] for k in keys]
    for share, count in [(0.1, 175), (0.2, 57)]:
        curve = wider_face.large_face_curve(detections, there, sizes, share)
        assert curve.objects == count
        assert 0.9 < curve.average(None) < 1
