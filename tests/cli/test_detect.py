import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgedet.cli.main import main
from edgedet.errors import ImageError
from edgedet.images import encode_png, read
from edgedet.runtime import EdgeDetector
from edgedet.runtime.drawing import pictures
from edgedet.runtime.drawing.heat_map import with_temperatures
from edgedet.runtime.sources.video import Picture

SIRST = Path(__file__).parents[2] / "exports" / "nightvision_sirst-320-int8.tflite"


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_line_of_json_per_image(tiny, photograph, capsys):
    assert main(["detect", str(tiny), str(photograph), "--json"]) == 0
    (facts,) = lines(capsys)
    assert list(facts) == ["source", "frame", "width", "height", "detections", "ms", "compute"]
    assert facts["source"] == str(photograph)
    assert (facts["frame"], facts["width"], facts["height"], facts["compute"]) == (0, 32, 32, 1)
    assert list(facts["ms"]) == ["preprocess", "inference", "postprocess", "total"]
    (found,) = facts["detections"]
    assert list(found) == ["box", "score", "label", "name"]
    np.testing.assert_allclose(found["box"], [14, 6, 22, 14], atol=0.02)
    assert (found["label"], found["name"]) == (0, "white")
    assert found["score"] == pytest.approx(0.982, abs=0.002)


def test_text_for_people(tiny, photograph, capsys):
    assert main(["detect", str(tiny), str(photograph)]) == 0
    head, found = capsys.readouterr().out.splitlines()
    assert head.startswith(f"{photograph}: 1 found in ")
    assert found.split() == ["0.98", "white", "14.0", "6.0", "22.0", "14.0"]


def test_several_sources(tiny, photograph, tmp_path, capsys):
    sequence = tmp_path / "walk" / "img1"
    sequence.mkdir(parents=True)
    for name in ("000001.png", "000002.png"):
        shutil.copy(photograph, sequence / name)
    assert main(["detect", str(tiny), str(photograph), str(sequence.parent), "--json"]) == 0
    assert [facts["frame"] for facts in lines(capsys)] == [0, 1, 2]


def test_standard_deviations_stand_beside_the_box(tiny, photograph, monkeypatch, capsys):
    timed = EdgeDetector.timed

    def with_deviations(detect, frame):
        detections, milliseconds = timed(detect, frame)
        box_std = np.array([[1.234, 2, 3, 4.5]], "float32")
        return dataclasses.replace(detections, box_std=box_std), milliseconds

    monkeypatch.setattr(EdgeDetector, "timed", with_deviations)
    main(["detect", str(tiny), str(photograph), "--json"])
    (found,) = lines(capsys)[0]["detections"]
    assert found["box_std"] == [1.23, 2.0, 3.0, 4.5]


def test_min_score(tiny, photograph, capsys):
    main(["detect", str(tiny), str(photograph), "--json", "--min-score", "0.99"])
    assert lines(capsys)[0]["detections"] == []


@pytest.mark.parametrize("wrong", ["1.5", "-0.1", "nan", "much"])
def test_a_score_that_is_none_is_wrong_usage(tiny, photograph, wrong):
    assert main(["detect", str(tiny), str(photograph), f"--min-score={wrong}"]) == 2
    assert main(["detect", str(tiny), str(photograph), "--threads=0"]) == 2


def test_save_draws_into_new_files(tiny, photograph, tmp_path, capsys):
    other = tmp_path / "other" / photograph.name
    other.parent.mkdir()
    shutil.copy(photograph, other)
    before = photograph.read_bytes()

    # Into the folder of the source itself: the source stays what it is.
    assert main(["detect", str(tiny), str(photograph), str(other), "--save", str(tmp_path)]) == 0

    assert photograph.read_bytes() == before
    saved = sorted(path.name for path in tmp_path.glob("*.jpg"))
    assert saved == ["white-detected-2.jpg", "white-detected.jpg"]
    drawn, size = read(tmp_path / saved[0])
    # So small a frame is drawn ten times as large.
    assert size == (320, 320)
    red, green = (drawn[139:141, 140:220, band].astype(int) for band in (0, 1))
    assert (green - red).mean() > 40  # The lower side of the box, green on black and white.
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "other",
        *saved,
        "white.png",
    ]


@pytest.mark.parametrize("others", [0, 1])
def test_a_frame_of_another_shape_is_named(tiny, photograph, tmp_path, monkeypatch, capsys, others):
    def timed(detect, frame):
        raise ImageError("Expected a frame of shape [height, width, 1].")

    monkeypatch.setattr(EdgeDetector, "timed", timed)
    sources = [str(photograph)] * (1 + others)
    assert main(["detect", str(tiny), *sources]) == 1
    told = f"{photograph}: Expected a frame of shape [height, width, 1]."
    assert capsys.readouterr().err.count(told) == len(sources)


def test_a_bad_image_among_others_is_counted_and_skipped(tiny, photograph, tmp_path, capsys):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    assert main(["detect", str(tiny), str(bad), str(photograph), "--json"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert f"skipped: {bad}" in said.err
    assert "1 of 2 images" in said.err


def test_bad_images_only_are_a_failure(tiny, tmp_path, capsys):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    assert main(["detect", str(tiny), str(bad)]) == 1
    assert capsys.readouterr().err.startswith(f"edgedet: {bad}: expected a readable image")
    assert main(["detect", str(tiny), str(bad), str(bad)]) == 1


@pytest.mark.parametrize(
    ("model", "source", "message"),
    [
        ("none.tflite", "white.png", "none.tflite: there is no such model file"),
        ("white.png", "white.png", "white.png: expected a .tflite file"),
        (None, "none.jpg", "none.jpg: there is no such file or folder"),
        (None, "97", "camera 97: "),
    ],
)
def test_what_is_missing_is_named(tiny, photograph, monkeypatch, capsys, model, source, message):
    monkeypatch.chdir(photograph.parent)
    assert main(["detect", model or str(tiny), source]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"edgedet: {message}")
    assert said.out == ""


def test_a_folder_that_cannot_be_written(tiny, photograph, tmp_path, capsys):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    assert main(["detect", str(tiny), str(photograph), "--save", str(in_the_way / "out")]) == 1
    said = capsys.readouterr()
    assert "expected a folder that can be written" in said.err
    # It failed before it spent time on images.
    assert said.out == ""


@pytest.fixture
def walk(tmp_path):
    """A MOT sequence of five frames: a white cell that walks to the right, then one without."""
    folder = tmp_path / "walk" / "img1"
    folder.mkdir(parents=True)
    for number in range(1, 6):
        frame = np.zeros((32, 32, 3), "uint8")
        if number < 5:
            frame[8:12, 4 * number : 4 * number + 4] = 255
        (folder / f"{number:06d}.png").write_bytes(encode_png(frame))
    return folder.parent


@pytest.mark.parametrize("dense", [[], ["--dense"]])
def test_track_says_who_is_who(tiny, walk, capsys, dense):
    assert main(["detect", str(tiny), str(walk), "--track", "--json", *dense]) == 0
    facts = lines(capsys)
    assert [one["frame"] for one in facts] == [1, 2, 3, 4, 5]
    found = [one["detections"][0] for one in facts]
    assert list(found[0]) == ["box", "score", "label", "name", "track_id", "state"]
    assert {one["track_id"] for one in found} == {1}
    assert [one["state"] for one in found] == ["matched"] * 4 + ["coasting"]
    assert found[4]["score"] < found[3]["score"]
    assert {one["compute"] for one in facts} == {1.0}


def test_each_source_is_a_stream_of_its_own(tiny, walk, capsys):
    assert main(["detect", str(tiny), str(walk), str(walk), "--track", "--json"]) == 0
    first, second = np.array_split(lines(capsys), 2)
    for a, b in zip(first, second, strict=True):
        assert a["detections"] == b["detections"]


def test_tracks_for_people(tiny, walk, capsys):
    assert main(["detect", str(tiny), str(walk), "--track"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split()[-2:] == ["1", "matched"]
    # There is no sparse engine yet, and nobody shall think so.
    assert "every frame is computed in full" in said.err


def test_a_mot_file(tiny, walk, tmp_path, capsys):
    path = tmp_path / "out" / "tracks.txt"
    assert main(["detect", str(tiny), str(walk), "--track", "--mot", str(path)]) == 0
    rows = np.loadtxt(path, delimiter=",")
    np.testing.assert_array_equal(rows[:, 0], [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(rows[:, 1], 1)
    # The first box is [2, 6, 10, 14], and MOT's pixels count from 1.
    np.testing.assert_allclose(rows[0, 2:6], [3, 7, 8, 8], atol=0.05)


def test_frames_of_a_folder_count_from_one_in_a_mot_file(tiny, walk, tmp_path, capsys):
    path = tmp_path / "tracks.txt"
    main(["detect", str(tiny), str(walk / "img1"), "--track", "--mot", str(path)])
    np.testing.assert_array_equal(np.loadtxt(path, delimiter=",")[:, 0], [1, 2, 3, 4, 5])


def test_saved_tracks_move(tiny, walk, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["detect", str(tiny), str(walk), "--track", "--save", str(out)]) == 0
    names = sorted(path.name for path in out.iterdir())
    assert names == [*(f"{n:06d}-detected.jpg" for n in range(1, 6)), "walk-detected.gif"]


def test_ctrl_c_keeps_what_was_seen(tiny, walk, tmp_path, monkeypatch, capsys):
    timed, calls = EdgeDetector.timed, []

    def interrupted(detect, frame):
        calls.append(frame)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return timed(detect, frame)

    monkeypatch.setattr(EdgeDetector, "timed", interrupted)
    arguments = ["--track", "--mot", str(tmp_path / "t.txt"), "--save", str(tmp_path / "out")]
    assert main(["detect", str(tiny), str(walk), *arguments]) == 130
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "t.txt", delimiter=",")[:, 0], [1, 2])
    assert (tmp_path / "out" / "walk-detected.gif").is_file()
    assert "Traceback" not in capsys.readouterr().err
    # Nothing temporary is left behind.
    assert not [path for path in tmp_path.rglob(".*")]


def test_a_bad_frame_does_not_end_the_stream(tiny, walk, tmp_path, capsys):
    (walk / "img1" / "000003.png").write_bytes(b"no picture")
    path = tmp_path / "t.txt"
    assert main(["detect", str(tiny), str(walk), "--track", "--mot", str(path), "--json"]) == 0
    said = capsys.readouterr()
    assert "1 of 5 images" in said.err
    assert {
        one["track_id"] for line in said.out.splitlines() for one in json.loads(line)["detections"]
    } == {1}
    np.testing.assert_array_equal(np.loadtxt(path, delimiter=",")[:, 0], [1, 2, 4, 5])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dense"], "--dense: expected --track beside it"),
        (["--mot", "t.txt"], "--mot: expected --track beside it"),
        (["again", "--track", "--mot", "t.txt"], "--mot t.txt: expected one source, found 2"),
    ],
)
def test_options_that_contradict_each_other(tiny, walk, capsys, arguments, message):
    assert main(["detect", str(tiny), str(walk), *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"edgedet: {message}")


def test_a_video_is_a_stream(tiny, tmp_path, capsys):
    av = pytest.importorskip("av", reason="needs PyAV: pip install 'edgedet[video]'")
    path = tmp_path / "walk.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        frame = np.zeros((64, 64, 3), "uint8")
        frame[16:24, 32:40] = 255
        for _ in range(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    out = tmp_path / "out"
    arguments = ["--track", "--json", "--save", str(out), "--mot", str(tmp_path / "t.txt")]
    assert main(["detect", str(tiny), str(path), *arguments]) == 0
    said = capsys.readouterr()
    facts = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["source"], one["frame"]) for one in facts] == [(str(path), n) for n in range(4)]
    assert {one["detections"][0]["track_id"] for one in facts} == {1}
    names = sorted(child.name for child in out.iterdir())
    assert names == [*(f"walk-{n:06d}-detected.jpg" for n in range(4)), "walk-detected.gif"]
    # From the second frame on it is sure; the last one is the fourth.
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "t.txt", delimiter=",")[:, 0], [2, 3, 4])


def test_a_camera_says_what_it_dropped(tiny, monkeypatch, capsys):
    class Camera:
        name, first, count, live = "camera-0", 0, None, True

        def __iter__(self):
            frame = np.zeros((32, 32, 3), "uint8")
            frame[8:12, 16:20] = 255
            return (Picture("0", f"camera-0-{n:06d}", n, frame) for n in (0, 1, 4))

    monkeypatch.setattr("edgedet.runtime.sources.open_source", lambda source, files: Camera())
    assert main(["detect", str(tiny), "0", "--track", "--json"]) == 0
    said = capsys.readouterr()
    facts = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["source"], one["frame"]) for one in facts] == [("0", 0), ("0", 1), ("0", 4)]
    assert "camera-0: 3 frames answered, 2 dropped meanwhile" in said.err


def test_thermal_frames_of_every_kind(tiny_thermal, tmp_path, capsys):
    counts = np.full((32, 32), 20_000, "uint16")
    counts[8:12, 16:20] = 60_000
    folder, out = tmp_path / "frames", tmp_path / "out"
    folder.mkdir()
    np.save(folder / "a.npy", counts)
    Image.fromarray(counts).save(folder / "b.png")
    Image.fromarray(counts).save(folder / "c.tif")
    # The tiny network has three bands.
    (folder / "d.raw").write_bytes(np.repeat(counts, 3).astype("<u2").tobytes())
    words = ["detect", str(tiny_thermal), str(folder), "--raw", "32x32", "--json"]
    assert main([*words, "--save", str(out)]) == 0
    facts = lines(capsys)
    assert [one["source"][-5:] for one in facts] == ["a.npy", "b.png", "c.tif", "d.raw"]
    for one in facts:
        (found,) = one["detections"]
        np.testing.assert_allclose(found["box"], [14, 6, 22, 14], atol=0.02)
    for name in "abcd":
        # A bar with the temperatures stands at the right of the frame, which is enlarged.
        assert read(out / f"{name}-detected.jpg")[1][1] > 320
    assert main([*words, "--kelvin", "0.04", "--save", str(out)]) == 2
    assert "found one of limits of its own" in capsys.readouterr().err


def test_any_radiometric_camera_may_have_its_temperatures(tiny, tmp_path, monkeypatch, capsys):
    counts = np.full((24, 32), 30_000, "uint16")
    counts[10:13, 15:18] = 40_000
    np.save(tmp_path / "a.npy", counts)
    told = []

    def bar(image, counts, settings):
        told.append((settings.kelvin_per_count, settings.kelvin_at_zero))
        return with_temperatures(image, counts, settings)

    monkeypatch.setattr(pictures, "with_temperatures", bar)
    out, words = tmp_path / "out", ["detect", str(SIRST), str(tmp_path / "a.npy"), "--json"]
    widths = []
    for more in ([], ["--kelvin", "0.01,5"]):
        assert main([*words, *more, "--save", str(out)]) == 0
        widths.append(read(out / "a-detected.jpg")[1][1])
    assert widths[0] == 320 < widths[1]
    assert told == [(0, 0), (0.01, 5)]
    plain, warm = lines(capsys)
    assert plain["detections"] == warm["detections"] != []
    assert main([*words, "--kelvin", "0.01"]) == 2
    assert "expected --save beside it" in capsys.readouterr().err
    words[1:2] = [str(tiny)]
    assert main([*words, "--kelvin", "0.01", "--save", str(out)]) == 2
    assert "found one of ordinary images" in capsys.readouterr().err


@pytest.mark.parametrize("size", ["32", "0x4", "axb"])
def test_a_size_that_is_none_is_wrong_usage(tiny, photograph, size):
    assert main(["detect", str(tiny), str(photograph), "--raw", size]) == 2
