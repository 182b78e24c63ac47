"""The demo: draw a data set, train on it, export, measure, look, and report."""

from __future__ import annotations

import dataclasses
import logging
import shutil
import time
from pathlib import Path

from edgedet import files, images
from edgedet.data.layouts import open_dataset
from edgedet.data.record import Dataset
from edgedet.demo import photograph, summary
from edgedet.demo.data_set import write_data_set
from edgedet.demo.pictures import draw_sheet
from edgedet.errors import ModelError, OutputError
from edgedet.evaluation import Evaluation, evaluate
from edgedet.evaluation.contact_sheet import write_contact_sheet
from edgedet.evaluation.curve_plot import class_curves, write_curves
from edgedet.export import export
from edgedet.runtime import EdgeDetector
from edgedet.runtime.measure import benchmark
from edgedet.runtime.measure.footprint import Footprint, footprints
from edgedet.settings import Feeding, Optimization, Zoom
from edgedet.training.loop import fit
from edgedet.training.recipe import Recipe
from edgedet.training.run import Run, load_run

COUNTS = {"train": 720, "val": 100}
# The exported INT8 file must reach this AP at overlap .5 on the demo's own validation images.
MIN_AP50 = 0.80
# Faces of the scenes have 8 to 45 pixels at the input's scale; a short run averages fewer weights.
RECIPE = Recipe(
    "phantom",
    input_size=(128, 128),
    epochs=22,
    evaluate_every=11,
    feeding=Feeding(zoom=Zoom(probability=0.3, smallest=7.0, largest=60.0), cache=True),
    optimization=Optimization(ema_decay=0.99),
)
# Where precision and recall are about equal after this recipe, so pictures show few mistakes.
MIN_SCORE_SHOWN = 0.45
BENCHMARK_FRAME = (480, 640)
BENCHMARK_RUNS = 100
# A folder with this file was made by the demo, so the demo may empty it.
MARK = ".edgedet-demo"

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What the demo made and measured.

    Attributes:
        folder: Where everything lies.
        footprint: Size and cost, against the budget.
        accuracy: Precision -> evaluation on the validation images.
        milliseconds: Stage -> {`p50`, `p95`} of the INT8 file, with one thread.
        sighting: What was found in the photograph.
        seconds: Step -> how long it took.
    """

    folder: Path
    footprint: Footprint
    accuracy: dict[str, Evaluation]
    milliseconds: dict[str, dict[str, float]]
    sighting: photograph.Sighting
    seconds: dict[str, float]

    @property
    def ap50(self) -> float:
        """AP at overlap .5 of the INT8 file."""
        return self.accuracy["int8"].metrics["ap50"] or 0.0


def run_demo(out: Path, counts: dict[str, int] = COUNTS, recipe: Recipe = RECIPE) -> Outcome:
    """Run everything, and leave data, run, models, pictures and `report.html` in `out`.

    Args:
        out: A folder of the demo's own; what an earlier demo left there is removed.
        counts: Split -> number of drawn images.
        recipe: How to train.

    Raises:
        OutputError: `out` holds something else, or cannot be written.
        ExportError: The exported file answers otherwise than the network.
    """
    out = Path(out)
    claim(out)
    clock = _Clock()
    log.info("Drawing %s.", " and ".join(f"{n} {split} images" for split, n in counts.items()))
    write_data_set(out / "data", counts, recipe.seed)
    clock.lap("draw")
    log.info("Training for %d epochs.", recipe.epochs)
    run = fit(dataclasses.replace(recipe, data=(str(out / "data"),)), out / "run")
    clock.lap("train")
    log.info("Exporting and comparing float and INT8.")
    paths = _export(run, out)
    clock.lap("export")
    log.info("Evaluating, timing, detecting.")
    dataset = open_dataset(out / "data", "val")
    outcome = Outcome(
        folder=out,
        footprint=footprints(paths.values())[0],
        accuracy={precision: _evaluate(path, dataset) for precision, path in paths.items()},
        milliseconds=_milliseconds(paths["int8"]),
        sighting=photograph.look(paths["int8"]),
        seconds=clock.seconds,
    )
    clock.lap("evaluate")
    _write_pictures(outcome, paths["int8"])
    summary.write(outcome, run, recipe)
    log.info("The report is %s.", out / "report.html")
    return outcome


def require_success(outcome: Outcome, min_ap50: float = MIN_AP50) -> None:
    """Refuse an outcome that is over budget or not accurate enough.

    Raises:
        ModelError: Holds the numbers.
    """
    if outcome.footprint.broken:
        raise ModelError(
            f"{outcome.folder}: the model is over its budget: "
            f"{'; '.join(outcome.footprint.broken)}.\nMake the network smaller."
        )
    if outcome.ap50 < min_ap50:
        raise ModelError(
            f"{outcome.folder}: expected the INT8 file to reach AP50 {min_ap50:.2f} on the "
            f"demo's validation images, found {outcome.ap50:.3f}.\n"
            f"Look at {outcome.folder / 'report.html'}: has the training converged?"
        )


def claim(out: Path) -> None:
    """Make `out` an empty folder of the demo's own.

    Raises:
        OutputError: It holds what no demo left there, or cannot be written.
    """
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise OutputError(
            f"{out}: expected an empty folder or an earlier demo's, found other files.\n"
            "Choose another --out."
        )
    files.write_bytes(out / MARK, b"")
    for path in out.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != MARK:
            path.unlink()


class _Clock:
    """Measures how long steps take."""

    def __init__(self):
        self.seconds: dict[str, float] = {}
        self._began = time.perf_counter()

    def lap(self, step):
        now = time.perf_counter()
        self.seconds[step] = round(now - self._began, 1)
        self._began = now


def _export(run: Run, out: Path) -> dict[str, Path]:
    """Return precision -> file."""
    model, _ = load_run(run.folder)
    training_images = [open_dataset(out / "data", "train")]
    manifest = model.manifest(min_score=MIN_SCORE_SHOWN, trained_on="scenes drawn by edgedet demo")
    paths = {}
    for precision in ("float", "int8"):
        path = out / f"phantom-demo-{precision}.tflite"
        paths[precision] = export(model, path, precision, training_images, manifest=manifest).path
    return paths


def _evaluate(path: Path, dataset: Dataset) -> Evaluation:
    return evaluate(EdgeDetector.load(path), dataset)


def _milliseconds(path):
    frame = benchmark.sample_frame(BENCHMARK_FRAME)
    return benchmark.measure(EdgeDetector.load(path), frame, BENCHMARK_RUNS)["ms"]


def _write_pictures(outcome: Outcome, int8: Path) -> None:
    out = outcome.folder
    detect = EdgeDetector.load(int8)
    files.write_bytes(out / "scenes.jpg", images.encode_jpeg(draw_sheet(detect), quality=85))
    files.write_bytes(out / "photograph.jpg", images.encode_jpeg(outcome.sighting.picture))
    curves = {
        precision: curve
        for precision, evaluation in outcome.accuracy.items()
        for curve in class_curves(evaluation.results).values()
    }
    title = "faces of the validation images, overlap .5"
    write_curves(out / "precision-recall.png", curves, title, 101, detect.min_score)
    results = outcome.accuracy["int8"].results
    write_contact_sheet(out / "worst.png", results, detect.min_score, count=6)
