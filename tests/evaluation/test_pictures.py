import numpy as np
import pytest
from PIL import Image

from edgedet.data.record import Record
from edgedet.detections import Detections
from edgedet.errors import OutputError
from edgedet.evaluation import Results
from edgedet.evaluation.contact_sheet import COLOURS, write_contact_sheet
from edgedet.evaluation.curve_plot import class_curves, write_curves
from edgedet.evaluation.mistakes import best, worst
from edgedet.evaluation.results import unchanged
from edgedet.images import read

FACE, OTHER, NOWHERE = [10, 10, 40, 40], [60, 10, 90, 40], [20, 50, 50, 70]


def array(*boxes):
    return np.array(boxes, "float32").reshape(-1, 4)


@pytest.fixture
def results(tmp_path):
    """A perfect image, one with a miss, and one with a miss and a false alarm."""
    found = [array(FACE, OTHER), array(FACE), array(NOWHERE, FACE)]
    records, detections = [], []
    for number, boxes in enumerate(found):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (100, 80), "black").save(path)
        records.append(
            Record(path, array(FACE, OTHER), np.array([0, 0], "int32"), np.zeros(2, bool))
        )
        scores = np.linspace(0.9, 0.8, len(boxes)).astype("float32")
        detections.append(Detections(boxes, scores, np.zeros(len(boxes), "int32")))
    sizes = ((80, 100),) * 3
    names = ("face", "unicorn")
    return Results(tuple(records), tuple(detections), sizes, names, 0, unchanged)


def test_the_worst_image_comes_first(results):
    mistakes = worst(results, min_score=0.3)
    assert [each.index for each in mistakes] == [2, 1]  # The perfect one is left out.
    assert (mistakes[0].missed, mistakes[0].false_alarms) == (1, 1)
    np.testing.assert_array_equal(mistakes[0].boxes["false alarm"], [NOWHERE])
    np.testing.assert_array_equal(mistakes[1].boxes["missed"], [OTHER])


def test_below_the_score_nothing_is_found(results):
    assert [each.missed for each in worst(results, min_score=0.95)] == [2, 2, 2]
    assert len(worst(results, min_score=0.95, count=2)) == 2


def test_the_best_image_comes_first(results):
    # Two found; one found and one missed; one found, one missed and a false alarm.
    assert [each.index for each in best(results, min_score=0.3)] == [0, 1, 2]
    assert len(best(results, min_score=0.3, count=1)) == 1
    assert best(results, min_score=0.95) == []


def test_the_best_sheet_is_another(results, tmp_path):
    for choose in (best, worst):
        write_contact_sheet(tmp_path / f"{choose.__name__}.png", results, 0.3, 1, choose)
    sheets = [(tmp_path / f"{name}.png").read_bytes() for name in ("best", "worst")]
    assert sheets[0] != sheets[1]


def test_the_sheet_shows_each_kind(results, tmp_path):
    write_contact_sheet(tmp_path / "plots" / "worst.png", results, min_score=0.3)
    sheet = read(tmp_path / "plots" / "worst.png")[0]
    below_legend = sheet[40:].reshape(-1, 3).tolist()
    shown = {
        kind: list(bytes.fromhex(colour[1:])) in below_legend for kind, colour in COLOURS.items()
    }
    assert shown == {"found": True, "missed": True, "false alarm": True, "not counted": False}


def test_a_sheet_without_mistakes(results, tmp_path):
    perfect = Results(
        results.records[:1], results.detections[:1], results.sizes[:1], ("face",), 0, unchanged
    )
    write_contact_sheet(tmp_path / "worst.png", perfect, min_score=0.3)
    assert read(tmp_path / "worst.png")[1][1] > 400


def test_curves_of_classes_that_the_data_has(results):
    curves = class_curves(results)
    assert list(curves) == ["face"]
    assert curves["face"].objects == 6
    # Best first: four right ones, of which two share the score .9 with the false alarm.
    assert curves["face"].recall[-1] == pytest.approx(4 / 6)
    assert curves["face"].precision[-1] == pytest.approx(4 / 5)


@pytest.mark.parametrize("count", [0, 1, 7, 31])
def test_any_number_of_curves_makes_a_picture(results, tmp_path, count):
    curve = class_curves(results)["face"]
    curves = {f"class {number}": curve for number in range(count)}
    write_curves(tmp_path / "curves.png", curves, "model on data", 101, 0.3)
    height, width = read(tmp_path / "curves.png")[1]
    assert 600 < width < 2000
    assert 300 < height < 2200


def test_a_folder_that_cannot_be_written_is_named(results, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="worst.png"):
        write_contact_sheet(tmp_path / "file" / "worst.png", results, 0.3)
