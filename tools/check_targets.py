#!/usr/bin/env python3
"""Check that boards answer as this machine does: one INT8 file, four interpreters, one report.

On each image the raw outputs of a target are compared with those of `EdgeDetector` here, and so
are the detections that they mean. `tools/prepare_targets DIR` installs the targets that are not
part of the project; one that is missing is left out, and the report says why.
"""

import argparse
import dataclasses
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from edgedet import images
from edgedet.demo.photograph import photograph_file
from edgedet.errors import EdgedetError
from edgedet.geometry import boxes
from edgedet.manifest import Manifest
from edgedet.runtime import EdgeDetector
from edgedet.runtime.engine import LiteRTEngine
from edgedet.runtime.graph import open_graph
from edgedet.runtime.measure.main_graph import main_graph_of
from edgedet.runtime.preprocess import preprocess
from edgedet.runtime.sources.frame_files import FrameFiles
from edgedet.runtime.sources.stills import stills

WORKER = Path(__file__).resolve().parent / "target_worker.py"
# The rule: so large a share within one step, none further off than this.
WITHIN_ONE, FURTHEST = 0.999, 3
# And for each detection of this score a partner of its label, this overlap and a score as near.
SCORE, OVERLAP, SCORE_GAP = 0.35, 0.9, 0.05
# A processor with the instructions of a Raspberry Pi 4.
ARM_CPU = "cortex-a72"


@dataclasses.dataclass(frozen=True)
class Agreement:
    """How far a target's answers are from ours.

    Attributes:
        values: Number of raw outputs compared.
        within_one: Share of them that are at most one step apart.
        furthest: The largest difference in steps.
        detections: Number of detections of score `SCORE`, on either side.
        alone: How many of them have no partner on the other.
    """

    values: int
    within_one: float
    furthest: int
    detections: int
    alone: int

    @property
    def holds(self):
        """Whether it is within the rule."""
        return self.within_one >= WITHIN_ONE and self.furthest <= FURTHEST and not self.alone


def targets(folder):
    """Return the command of each target, or the reason why there is none."""
    arm = folder / "arm64"
    pythons = {
        "tflite-runtime 2.14": ("tflite_runtime", [folder / "tflite-runtime" / "bin" / "python"]),
        "tflite-micro": ("tflite_micro", [folder / "tflite-micro" / "bin" / "python"]),
        "64-bit ARM, emulated": (
            "tflite_runtime",
            [
                *(folder / "qemu-aarch64-static", "-cpu", ARM_CPU, "-L", arm),
                *("-E", f"PYTHONPATH={arm / 'site'}", arm / "usr" / "bin" / "python3.11"),
            ],
        ),
    }
    found = {"ai-edge-litert, plain kernels": ("litert", [sys.executable])}
    for name, (interpreter, command) in pythons.items():
        missing = [part for part in command if isinstance(part, Path) and not part.exists()]
        reason = f"{missing[0]} is missing; run tools/prepare_targets {folder}" if missing else None
        found[name] = reason or (interpreter, command)
    return found


def answers(target, model, inputs):
    """Return the integers of each output `[N, ...]`, in the order of the file.

    Raises:
        RuntimeError: The target failed.
    """
    interpreter, command = target
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "inputs.npy", Path(folder) / "outputs.npz"
        np.save(given, inputs)
        if interpreter == "tflite_micro":
            whole = model.read_bytes()
            model = Path(folder) / "main.tflite"
            model.write_bytes(main_graph_of(whole))
        told = subprocess.run(
            [*map(str, command), str(WORKER), interpreter, str(model), str(given), str(found)],
            capture_output=True,
            text=True,
        )
        if told.returncode:
            raise RuntimeError((told.stderr.strip().splitlines() or ["no word"])[-1])
        with np.load(found) as saved:
            return [saved[name] for name in saved.files]


class Ours:
    """What this machine makes of a model and of frames.

    Args:
        model: An INT8 file.
        frames: As `EdgeDetector` takes them.
    """

    def __init__(self, model, frames):
        self.manifest = Manifest.read(model)
        self.frames = frames
        fitted = [self._fit(frame) for frame in frames]
        self.letterboxes = [letterbox for _, letterbox in fitted]
        graph, self._engine = open_graph(model), LiteRTEngine(model, self.manifest)
        (details,) = graph.inputs.values()
        self.inputs = self._engine.to_input(np.concatenate([image for image, _ in fitted]))
        self._details = graph.interpreter.get_output_details()
        self._names = {each["index"]: name for name, each in graph.outputs.items()}
        self.outputs = self._run(graph.interpreter, details["index"])
        self.detections = self.detections_of(self.outputs)

    def _fit(self, frame):
        facts = self.manifest
        return preprocess(frame, facts.input_size, facts.bands, facts.thermal)

    def _run(self, interpreter, place):
        found = []
        for given in self.inputs:
            interpreter.set_tensor(place, given[None])
            interpreter.invoke()
            found.append([interpreter.get_tensor(each["index"]) for each in self._details])
        return [np.concatenate(values) for values in zip(*found, strict=True)]

    def detections_of(self, outputs):
        """Return the detections of each frame, from integers as `answers` gives them."""
        tensors = {
            self._names[details["index"]]: values
            for details, values in zip(self._details, outputs, strict=True)
        }
        real = self._engine.real(tensors)
        detect = EdgeDetector(None, self.manifest, SCORE - SCORE_GAP)
        return [
            detect.postprocess(
                {name: values[index : index + 1] for name, values in real.items()},
                self.letterboxes[index],
                frame.shape[:2],
            )
            for index, frame in enumerate(self.frames)
        ]


def agreement(ours, outputs):
    """Return how far the outputs of a target are from ours."""
    steps = np.concatenate(
        [
            np.abs(mine.astype(int) - theirs.astype(int)).ravel()
            for mine, theirs in zip(ours.outputs, outputs, strict=True)
        ]
    )
    pairs = list(zip(ours.detections, ours.detections_of(outputs), strict=True))
    certain, alone = 0, 0
    for one, other in (*pairs, *((theirs, mine) for mine, theirs in pairs)):
        chosen = one[one.scores >= SCORE]
        certain += len(chosen)
        alone += partnerless(chosen, other)
    return Agreement(steps.size, float(np.mean(steps <= 1)), int(steps.max()), certain, alone)


def partnerless(chosen, others):
    """Return how many of some detections have no partner among others."""
    if not len(chosen) or not len(others):
        return len(chosen)
    near = boxes.pairwise_iou(chosen.boxes, others.boxes) >= OVERLAP
    near &= chosen.labels[:, None] == others.labels[None]
    # Scores are single floats: a gap of exactly the limit is within it.
    near &= np.abs(chosen.scores[:, None] - others.scores[None]) <= SCORE_GAP + 1e-6
    return int((~near.any(axis=1)).sum())


def report(model, ours, found):
    """Return the table of all targets as Markdown."""
    lines = [
        f"{model}: {len(ours.frames)} images",
        "",
        "| target | within one step | furthest | detections without a partner | agrees |",
        "|---|--:|--:|--:|---|",
    ]
    for name, result in found.items():
        if isinstance(result, str):
            lines.append(f"| {name} | - | - | - | left out: {result} |")
            continue
        lines.append(
            f"| {name} | {100 * result.within_one:.3f} % of {result.values:,} | {result.furthest} "
            f"| {result.alone} of {result.detections} | {'yes' if result.holds else 'NO'} |"
        )
    return "\n".join(lines)


def frames_of(sources, model, count):
    """Return the first images of files and folders; without any, a photograph and its parts.

    Raises:
        EdgedetError: A source holds no image that can be read.
    """
    if sources:
        facts = Manifest.read(model)
        files = FrameFiles(facts.thermal, facts.bands)
        return [still.read() for each in sources for still in stills(each, files)[:count]][:count]
    whole, _ = images.read(photograph_file())
    height, width = (side // 2 for side in whole.shape[:2])
    parts = [whole[y : y + height, x : x + width] for y in (0, height // 2) for x in (0, width)]
    return [whole, whole[:, ::-1].copy(), *parts]


def check(model, folder, frames):
    """Return our answers, and for each target its `Agreement` or why there is none."""
    ours = Ours(model, frames)
    found = {}
    for name, target in targets(folder).items():
        try:
            found[name] = (
                target
                if isinstance(target, str)
                else agreement(ours, answers(target, model, ours.inputs))
            )
        except RuntimeError as error:
            found[name] = str(error)
    return ours, found


def main():
    """Check one model, print the report, and say by the exit status whether all agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, metavar="MODEL.tflite", help="an INT8 file")
    parser.add_argument(
        "images", nargs="*", help="files of images or thermal frames, or folders of them"
    )
    parser.add_argument("--targets", type=Path, default=Path("targets"), metavar="DIR",
                        help="what tools/prepare_targets made (default: %(default)s)")  # fmt: skip
    parser.add_argument("--count", type=int, default=100, help="at most so many images")
    args = parser.parse_args()
    try:
        frames = frames_of(args.images, args.model, args.count)
        ours, found = check(args.model, args.targets.resolve(), frames)
    except EdgedetError as error:
        print(f"check_targets: {error}", file=sys.stderr)
        return 1
    print(report(args.model, ours, found))
    return int(any(isinstance(each, Agreement) and not each.holds for each in found.values()))


if __name__ == "__main__":
    sys.exit(main())
