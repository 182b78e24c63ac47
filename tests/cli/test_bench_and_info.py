import json

import numpy as np
import pytest

from edgedet.cli.info import _sensor
from edgedet.cli.main import main
from edgedet.parts import append_part
from edgedet.thermal import Normalization


def test_bench_as_json(tiny, capsys):
    arguments = ["bench", str(tiny), "--json", "--runs", "3", "--frame", "64x48", "--threads", "2"]
    assert main(arguments) == 0
    facts = json.loads(capsys.readouterr().out)
    keys = "model threads frame ms pillow_resize_ms peak_rss_mb macs device"
    assert list(facts) == keys.split()
    assert (facts["threads"], facts["frame"], facts["macs"]) == (2, "64x48", 10848)
    assert list(facts["ms"]) == ["preprocess", "inference", "postprocess", "total"]
    assert all(set(times) == {"p50", "p95"} for times in facts["ms"].values())


def test_bench_for_people(tiny, capsys):
    assert main(["bench", str(tiny), "--runs", "2"]) == 0
    said = capsys.readouterr().out
    assert "640x480 frame" in said
    assert "inference" in said


@pytest.mark.parametrize("frame", ["640", "0x480", "640x", "axb", "640x480x3", "-1x5"])
def test_a_frame_that_is_none_is_wrong_usage(tiny, capsys, frame):
    assert main(["bench", str(tiny), f"--frame={frame}"]) == 2
    assert "640x480" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--runs=0", "--threads=0", "--runs=many"])
def test_counts_are_at_least_one(tiny, option):
    assert main(["bench", str(tiny), option]) == 2


def test_info_as_json(tiny, capsys):
    assert main(["info", str(tiny), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["manifest"]["class_names"] == ["white", "red"]
    assert facts["file_bytes"] == tiny.stat().st_size
    assert facts["operators"]["CONV_2D"] == 5
    steps = {tensor["name"]: tensor["step_pixels"] for tensor in facts["outputs"]}
    assert steps["p2_class_logits"] is None
    assert 0 < steps["p2_box_raw"] < steps["p3_box_raw"] < 0.1


def test_info_for_people(tiny, capsys):
    assert main(["info", str(tiny)]) == 0
    said = capsys.readouterr().out
    for words in ("white, red", "integers only", "5 CONV_2D", "p2_box_raw", "px"):
        assert words in said


@pytest.mark.parametrize(
    ("thermal", "said"),
    [
        (None, None),
        (Normalization(), "limits of each frame by itself, dead pixels repaired, polarity unknown"),
        (
            Normalization((273, 313.5), 0.04, polarity="black_hot", repair=False),
            "273 to 313.5 K, nothing repaired, polarity black-hot",
        ),
        (Normalization((100, 900)), "100 to 900 counts, dead pixels repaired, polarity unknown"),
    ],
)
def test_info_says_how_counts_are_taken(thermal, said):
    assert [line.removeprefix("thermal     ") for line in _sensor(thermal)] == (
        [said] if said else []
    )


def test_info_tells_what_lies_beside_the_network(tiny, tmp_path, capsys):
    path = tmp_path / "with-part.tflite"
    path.write_bytes(tiny.read_bytes())
    main(["info", str(path)])
    assert "\nparts " not in capsys.readouterr().out
    append_part(path, "memory", {"kernel": np.ones((40, 50)), "bias": np.ones(50)})
    main(["info", str(path)])
    assert "\nparts       memory (2,050 parameters)\n" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["bench", "info"])
def test_a_file_that_is_none(tmp_path, capsys, command):
    assert main([command, str(tmp_path / "none.tflite")]) == 1
    assert "there is no such model file" in capsys.readouterr().err
