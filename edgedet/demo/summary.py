"""The demo's outcome in words and numbers: JSON for scripts, tables for people."""

from __future__ import annotations

from edgedet.evaluation.report import Figure, Table, write_report
from edgedet.runtime.measure.benchmark import device_name

PRECISIONS = {"float": "float32", "int8": "INT8"}


def as_json(outcome) -> dict:
    """Return the numbers of an outcome by name, ready for JSON."""
    footprint, sighting = outcome.footprint, outcome.sighting
    return {
        "ap50": outcome.ap50,
        **{
            f"{name}_{precision}": evaluation.metrics[name]
            for precision, evaluation in outcome.accuracy.items()
            for name in ("ap", "ap50")
        },
        "parameters": footprint.parameters,
        "float_bytes": footprint.float_bytes,
        "int8_bytes": footprint.int8_bytes,
        "macs": footprint.macs,
        "budget_ok": not footprint.broken,
        "ms": outcome.milliseconds,
        "photograph": {
            "model": str(sighting.model),
            "shipped": sighting.shipped,
            "detections": [
                {"box": [round(float(side), 1) for side in box], "score": round(float(score), 3)}
                for box, score in zip(
                    sighting.detections.boxes, sighting.detections.scores, strict=True
                )
            ],
        },
        "seconds": outcome.seconds,
        "report": str(outcome.folder / "report.html"),
    }


def as_text(outcome) -> str:
    """Return the numbers of an outcome for a terminal."""
    footprint = outcome.footprint
    lines = [
        f"{PRECISIONS[precision]:8s} AP50 {evaluation.metrics['ap50']:.3f}  "
        f"AP {evaluation.metrics['ap']:.3f}  {_bytes(footprint, precision)} bytes"
        for precision, evaluation in outcome.accuracy.items()
    ]
    return "\n".join(
        [
            *lines,
            f"{footprint.parameters:,} parameters, {footprint.macs / 1e6:.1f} M MACs: "
            f"{'; '.join(footprint.broken) or 'within the budget'}",
            f"{outcome.milliseconds['total']['p50']:.1f} ms for a 640x480 frame, one thread",
            photograph_sentence(outcome.sighting),
            f"report: {outcome.folder / 'report.html'}",
        ]
    )


def photograph_sentence(sighting) -> str:
    """Say what was found in the photograph, and by which model."""
    count = len(sighting.detections)
    found = "1 face" if count == 1 else f"{count} faces"
    model = f"the shipped {sighting.model.name}"
    if not sighting.shipped:
        model = (
            f"this demo's own {sighting.model.name}, which has seen drawings only, "
            "because exports/ holds no trained model"
        )
    return f"{found} found in the photograph by {model}"


def write(outcome, run, recipe) -> None:
    """Write `report.html`.

    Args:
        outcome: What was measured.
        run: The training run.
        recipe: What it followed.
    """
    out = outcome.folder
    images = outcome.accuracy["int8"].metrics["images"]
    write_report(
        out / "report.html",
        title="edgedet demo",
        summary=(
            f"A Phantom was trained for {recipe.epochs} epochs on drawn scenes, rounded to INT8 "
            f"and exported. The file reaches AP50 {outcome.ap50:.3f} on {images} drawn scenes "
            "that it was not trained on. Drawings are easier than photographs: these numbers "
            "show that the program works, not how well a shipped model sees."
        ),
        tables=[_accuracy(outcome), _costs(outcome), _times(outcome)],
        figures=[
            Figure(
                "New scenes",
                "Drawn large for people; the network sees each fitted into 128x128 pixels. "
                "Boxes are the INT8 file's.",
                out / "scenes.jpg",
            ),
            Figure("A photograph", f"{photograph_sentence(outcome.sighting)}.".capitalize(),
                   out / "photograph.jpg"),
            Figure("Training", "Loss terms, AP of the averaged weights on the validation images, "
                   "learning rate.", run.curves_file),
            Figure("Precision and recall", "Of both files.", out / "precision-recall.png"),
            Figure("The worst validation images", "Where the INT8 file is wrong most often.",
                   out / "worst.png"),
        ],
        footer=f"Measured on {device_name()}.",
    )  # fmt: skip


def _accuracy(outcome):
    names = ("ap50", "ap75", "ap", "ap_small", "ap_medium")
    rows = [
        (
            PRECISIONS[precision],
            *(_share(evaluation.metrics[name]) for name in names),
            _bytes(outcome.footprint, precision),
        )
        for precision, evaluation in outcome.accuracy.items()
    ]
    return Table(("file", "AP50", "AP75", "AP", "AP small", "AP medium", "bytes"), rows)


def _costs(outcome):
    footprint, budget = outcome.footprint, outcome.footprint.budget
    rows = [
        (title, f"{getattr(footprint, name):,}", f"{getattr(budget, name):,}")
        for title, name in (
            ("parameters", "parameters"),
            ("float32 bytes", "float_bytes"),
            ("INT8 bytes", "int8_bytes"),
            ("MACs of a frame", "macs"),
        )
    ]
    return Table(("cost", "measured", "at most"), rows)


def _times(outcome):
    rows = [
        (stage, f"{times['p50']:.2f}", f"{times['p95']:.2f}")
        for stage, times in outcome.milliseconds.items()
    ]
    return Table(("ms, 640x480 frame, one thread", "median", "p95"), rows)


def _bytes(footprint, precision):
    return f"{footprint.int8_bytes if precision == 'int8' else footprint.float_bytes:,}"


def _share(value):
    return "-" if value is None else f"{value:.3f}"
