"""`edgedet bench`: measure an exported model on this device."""

import json
from pathlib import Path

from edgedet.cli.arguments import count, frame_size, path, threads

HELP = "Time an exported model on this device."


def add_arguments(parser):
    parser.add_argument("model", type=path, help="a .tflite file written by `edgedet export`")
    parser.add_argument(
        "--threads", type=threads, default=1, help="CPU threads (default: %(default)s)"
    )
    parser.add_argument("--runs", type=count, default=200, help="timed runs (default: %(default)s)")
    parser.add_argument(
        "--frame",
        type=frame_size,
        default=(480, 640),
        metavar="WxH",
        help="size of the camera's frame (default: 640x480)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def run(args):
    facts = measured(args.model, args.threads, args.runs, args.frame)
    print(json.dumps(facts) if args.json else table(facts))


def measured(model: Path, threads: int, runs: int, frame: tuple[int, int]) -> dict:
    """Return what `--json` prints; `frame` is (height, width)."""
    from edgedet.runtime.detector import EdgeDetector
    from edgedet.runtime.measure import benchmark
    from edgedet.runtime.measure.inspection import inspect

    detect = EdgeDetector.load(model, threads=threads)
    bands = detect.manifest.bands if detect.manifest.thermal else 0
    times = benchmark.measure(detect, benchmark.sample_frame(frame, bands), runs)
    # Before the file is opened a second time, to be looked at.
    peak = benchmark.peak_rss_mb()
    return {
        "model": str(model),
        "threads": threads,
        "frame": f"{frame[1]}x{frame[0]}",
        **times,
        "peak_rss_mb": round(peak, 1),
        "macs": inspect(model).macs,
        "device": benchmark.device_name(),
    }


def table(facts: dict) -> str:
    """Return the facts of `measured` for people."""
    rows = {**facts["ms"], "(Pillow's resize)": facts["pillow_resize_ms"]}
    lines = [f"{'ms per frame':20s} {'median':>8s} {'p95':>8s}"]
    lines += [f"{name:20s} {ms['p50']:8.3f} {ms['p95']:8.3f}" for name, ms in rows.items()]
    return "\n".join(
        [
            f"{facts['model']}: {facts['frame']} frame, {facts['threads']} thread(s), "
            f"{facts['macs'] / 1e6:.1f} M MACs",
            *lines,
            f"peak memory {facts['peak_rss_mb']:.0f} MB; {facts['device']}",
        ]
    )
