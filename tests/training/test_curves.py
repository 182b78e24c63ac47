import pytest
from matplotlib.figure import Figure

from edgedet.images import read
from edgedet.training.curves import draw_curves

ROWS = [
    {"epoch": 1.0, "loss": 3.0, "box": 2.0, "learning_rate": 0.1, "seconds": 9.0},
    {"epoch": 2.0, "loss": 2.0, "box": 1.0, "val_ap50": 0.5, "learning_rate": 0.2, "seconds": 9.0},
    {"epoch": 3.0, "loss": 1.0, "box": 0.5, "val_ap50": 0.4, "learning_rate": 0.1, "seconds": 9.0},
]


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draw a history: `{title: {label: [(x, y), ...]}}`, and the picture's shape."""

    def draw(rows):
        figures = []
        savefig = Figure.savefig
        monkeypatch.setattr(
            Figure, "savefig", lambda self, *a, **k: figures.append(self) or savefig(self, *a, **k)
        )
        draw_curves(rows, tmp_path / "curves.png")
        lines = {
            axes.get_title(): {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
            for axes in figures[0].axes
        }
        return lines, read(tmp_path / "curves.png")[0].shape

    return draw


def test_every_term_the_accuracy_and_the_rate_are_drawn(drawn):
    lines, shape = drawn(ROWS)
    assert lines["loss"] == {"loss": [[1, 3], [2, 2], [3, 1]], "box": [[1, 2], [2, 1], [3, 0.5]]}
    assert lines["AP on val"]["ap50"] == [[2, 0.5], [3, 0.4]]
    assert lines["AP on val"]["best, 2"][0][0] == 2
    assert lines["learning rate"]["learning_rate"] == [[1, 0.1], [2, 0.2], [3, 0.1]]
    assert shape == (360, 1200, 3)


def test_a_run_without_evaluations(drawn):
    lines, _ = drawn(ROWS[:1])
    assert lines["AP on val"] == {}
