"""`edgedet info`: what an exported model is."""

import dataclasses
import json

from edgedet.cli.arguments import path

HELP = "Show what an exported model holds: manifest, operators, quantization."


def add_arguments(parser):
    parser.add_argument("model", type=path, help="a .tflite file written by `edgedet export`")
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def run(args):
    from edgedet.manifest import Manifest
    from edgedet.runtime.measure.inspection import inspect

    manifest = Manifest.read(args.model)
    facts = inspect(args.model, manifest)
    if args.json:
        both = {"model": str(args.model), "manifest": dataclasses.asdict(manifest)}
        print(json.dumps({**both, **dataclasses.asdict(facts)}))
    else:
        print(_text(args.model, manifest, facts))


def _text(path, manifest, facts):
    height, width = manifest.input_size
    operators = ", ".join(f"{count} {name}" for name, count in facts.operators.items())
    levels = ", ".join(f"{level.name} (stride {level.stride})" for level in manifest.levels)
    lines = [
        f"{path}: {manifest.model}, {manifest.precision}, "
        f"{width}x{height}, {manifest.bands} band(s)",
        f"finds       {', '.join(manifest.class_names)}",
        f"levels      {levels}",
        f"outputs     {', '.join(manifest.kinds)} on each level",
        f"thresholds  score {manifest.min_score}, overlap {manifest.iou_threshold}, "
        f"at most {manifest.max_detections}" + (", boxes vote" if manifest.box_voting else ""),
        *_sensor(manifest.thermal),
        f"trained on  {manifest.trained_on or 'unknown'}",
        f"file        {facts.file_bytes:,} bytes, {facts.parameters:,} parameters, "
        f"{facts.macs / 1e6:.2f} M MACs, "
        + ("integers only" if facts.integer_only else "holds floats"),
        *_parts(facts.parts),
        f"operators   {operators}",
        f"{'tensor':28s} {'shape':16s} {'type':8s} {'scale':>11s} {'zero':>5s}  worst step",
        *(_row(tensor) for tensor in (*facts.inputs, *facts.outputs)),
    ]
    return "\n".join(lines)


def _parts(parts):
    """Yield what lies beside the network and is learned, too."""
    if parts:
        listed = (f"{name} ({count:,} parameters)" for name, count in parts.items())
        yield f"parts       {', '.join(listed)}"


def _sensor(thermal):
    """Yield how a thermal model takes the counts of its sensor."""
    if thermal is None:
        return
    if thermal.range is None:
        span = "limits of each frame by itself"
    else:
        unit = "K" if thermal.radiometric else "counts"
        span = f"{thermal.range[0]:g} to {thermal.range[1]:g} {unit}"
    repair = "dead pixels repaired" if thermal.repair else "nothing repaired"
    yield f"thermal     {span}, {repair}, polarity {thermal.polarity.replace('_', '-')}"


def _row(tensor):
    shape = "x".join(map(str, tensor.shape))
    row = f"{tensor.name:28s} {shape:16s} {tensor.dtype:8s}"
    if tensor.scale is not None:
        row += f" {tensor.scale:11.8f} {tensor.zero_point:5d}"
    if tensor.step_pixels is not None:
        row += f"  {tensor.step_pixels:.3f} px"
    return row
