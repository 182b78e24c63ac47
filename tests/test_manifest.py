import dataclasses
import json
import subprocess
import sys
import zipfile

import pytest

from edgedet.errors import ManifestError
from edgedet.manifest import ENTRY, FORMAT, Level, Manifest, Stage
from edgedet.thermal import Normalization

MANIFEST = Manifest(
    model="phantom",
    input_size=(128, 96),
    class_names=("face", "Gesicht ü"),
    levels=(Level("p2", 4), Level("p3", 8)),
    kinds=("class_logits", "box_raw", "centerness_logits"),
    min_score=0.25,
    precision="int8",
    trained_on="made-up faces",
)
# What stands before the zip: a model may hold any bytes, also those of a zip's headers.
MODEL = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 40 + b"PK\x03\x04 PK\x01\x02"


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(MODEL)
    return path


def write_entry(path, text):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(ENTRY, text)


def test_what_is_appended_is_read_back(model):
    MANIFEST.append_to(model)
    assert Manifest.read(model) == MANIFEST
    assert Manifest.read(str(model)) == MANIFEST


def test_the_model_stays_in_front_untouched(model):
    MANIFEST.append_to(model)
    assert model.read_bytes()[: len(MODEL)] == MODEL


def test_the_same_model_gives_the_same_bytes(model, tmp_path):
    again = tmp_path / "again.tflite"
    again.write_bytes(MODEL)
    MANIFEST.append_to(model)
    MANIFEST.append_to(again)
    assert model.read_bytes() == again.read_bytes()


def test_any_zip_tool_reads_it(model):
    MANIFEST.append_to(model)
    command = [sys.executable, "-m", "zipfile", "--test", str(model)]
    assert subprocess.run(command, capture_output=True, text=True).returncode == 0
    with zipfile.ZipFile(model) as archive:
        assert archive.namelist() == [ENTRY]
        assert json.loads(archive.read(ENTRY))["class_names"] == ["face", "Gesicht ü"]


def test_a_second_manifest_is_refused(model):
    MANIFEST.append_to(model)
    once = model.read_bytes()
    with pytest.raises(ValueError, match="carries a manifest already"):
        MANIFEST.append_to(model)
    assert model.read_bytes() == once


def test_tensors_are_named_level_by_level():
    expected = [f"{p}_{k}" for p in ("p2", "p3") for k in MANIFEST.kinds]
    assert MANIFEST.tensors == expected
    assert MANIFEST.tensor(MANIFEST.levels[1], "box_raw") == "p3_box_raw"


@pytest.mark.parametrize("stride", [12, 0, -4, 3])
def test_a_level_has_a_power_of_two_as_its_stride(stride):
    with pytest.raises(ValueError, match=f"power of two, received {stride}"):
        Level.of_stride(stride)


@pytest.mark.parametrize(("stride", "name"), [(4, "p2"), (8, "p3"), (16, "p4"), (32, "p5")])
def test_levels_are_named_by_their_stride(stride, name):
    assert Level.of_stride(stride) == Level(name, stride)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(ManifestError, match="none.tflite: there is no such model file"):
        Manifest.read(tmp_path / "none.tflite")


def test_a_file_without_manifest_is_refused(model):
    with pytest.raises(ManifestError, match="carries no edgedet manifest.*\n.*edgedet export"):
        Manifest.read(model)


def test_damage_anywhere_is_a_manifest_error_or_harmless(model):
    MANIFEST.append_to(model)
    whole = model.read_bytes()
    for place in range(len(MODEL), len(whole)):
        model.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert Manifest.read(model) == MANIFEST
        except ManifestError as error:
            assert "model.tflite" in str(error)


def test_a_truncated_file_is_refused(model):
    MANIFEST.append_to(model)
    model.write_bytes(model.read_bytes()[:-10])
    with pytest.raises(ManifestError, match="carries no edgedet manifest"):
        Manifest.read(model)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "carries no edgedet manifest"),
        ("[1]", f"expected manifest format {FORMAT}, found None"),
        ("{}", f"expected manifest format {FORMAT}, found None"),
        (json.dumps({"format": 99}), f"expected manifest format {FORMAT}, found 99"),
        (json.dumps({"format": FORMAT}), "expected fields"),
    ],
)
def test_another_content_is_refused(model, text, message):
    write_entry(model, text)
    with pytest.raises(ManifestError, match=message):
        Manifest.read(model)


@pytest.mark.parametrize(
    "change",
    [
        {"levels": [8, 16]},
        {"levels": [{"name": "p3"}]},
        {"input_size": 128},
        {"kinds": ["class_logits", "box_raw", "smell"]},
        {"kinds": ["class_logits", "box_raw", "centerness_logits", "quality_logits"]},
        {"kinds": ["class_logits"]},
    ],
)
def test_fields_of_another_kind_are_refused(model, change):
    write_entry(model, json.dumps({**dataclasses.asdict(MANIFEST), **change}))
    with pytest.raises(ManifestError, match="does not have the expected fields"):
        Manifest.read(model)


@pytest.mark.parametrize(
    ("field", "values"),
    {
        "model": [7],
        "input_size": [[128], [0, 96], [128.5, 96], [10**9, 96], "ab"],
        "bands": [0, "3", True],
        "class_names": ["face", [], [1], {"face": 0}],
        "levels": [[], [{"name": "p2", "stride": 0}], [{"name": 2, "stride": 4}]],
        "min_score": ["high", -0.1, 1.5, float("nan"), None],
        "iou_threshold": ["low", 2],
        "max_detections": [0, -1, 2.5, "many"],
        "box_voting": ["yes", 1],
        "box_std_scale": ["wide", -1, float("inf")],
        "domain_classes": [[[1]], "day"],
        "stages": [
            [{"name": "stem", "inputs": ["images"], "outputs": ["a"], "macs": "few"}],
            [{"name": "stem", "inputs": [0], "outputs": ["a"]}],
            [{"name": "stem", "inputs": ["images"], "outputs": ["a"], "halo": [-1, 0]}],
        ],
    }.items(),
)
def test_values_that_cannot_be_are_refused_and_named(model, field, values):
    for value in values:
        path = model.with_name("other.tflite")
        path.write_bytes(MODEL)
        write_entry(path, json.dumps({**dataclasses.asdict(MANIFEST), field: value}))
        with pytest.raises(ManifestError, match="expected fields .*expected"):
            Manifest.read(path)


@pytest.mark.parametrize("field", ["model", "input_size", "class_names", "levels", "kinds"])
def test_a_field_that_is_missing_is_named(model, field):
    fields = dataclasses.asdict(MANIFEST)
    del fields[field]
    write_entry(model, json.dumps(fields))
    with pytest.raises(ManifestError, match=f"expected fields .*'{field}'"):
        Manifest.read(model)


def test_fields_that_a_newer_export_adds_are_passed_over(model):
    fields = dataclasses.asdict(MANIFEST)
    levels = [{**level, "colour": "red"} for level in fields["levels"]]
    write_entry(model, json.dumps({**fields, "levels": levels, "memory_size": 64}))
    assert Manifest.read(model) == MANIFEST


def test_fields_that_an_older_export_lacks_have_their_defaults(model):
    fields = dataclasses.asdict(MANIFEST)
    del fields["box_std_scale"]
    write_entry(model, json.dumps(fields))
    assert Manifest.read(model).box_std_scale == 1.0


THERMAL = dataclasses.replace(
    MANIFEST, bands=1, thermal=Normalization((280.0, 310.5), 0.01, -3.0, "black_hot", repair=False)
)


@pytest.mark.parametrize("thermal", [THERMAL.thermal, Normalization(), None])
def test_the_normalization_of_thermal_frames_is_read_back(model, thermal):
    manifest = dataclasses.replace(THERMAL, thermal=thermal)
    manifest.append_to(model)
    assert Manifest.read(model) == manifest


def test_a_model_of_before_has_no_normalization(model):
    fields = dataclasses.asdict(MANIFEST)
    del fields["thermal"]
    write_entry(model, json.dumps(fields))
    assert Manifest.read(model).thermal is None


def test_what_a_newer_normalization_adds_is_passed_over(model):
    fields = dataclasses.asdict(THERMAL)
    write_entry(model, json.dumps({**fields, "thermal": {**fields["thermal"], "gamma": 2}}))
    assert Manifest.read(model) == THERMAL


@pytest.mark.parametrize("change", [{"polarity": "warm"}, {"range": [3]}, {"range": [5, 1]}])
def test_another_normalization_is_refused(model, change):
    fields = dataclasses.asdict(THERMAL)
    write_entry(model, json.dumps({**fields, "thermal": {**fields["thermal"], **change}}))
    with pytest.raises(ManifestError, match="does not have the expected fields"):
        Manifest.read(model)


STAGED = dataclasses.replace(
    MANIFEST,
    stages=(
        Stage("fine", ("images",), ("c2",), (0, 1), 1200),
        Stage("coarse", ("c2", "gate"), ("p2_class_logits", "p2_box_raw"), None, 34),
    ),
)


def test_stages_are_read_back(model):
    STAGED.append_to(model)
    assert Manifest.read(model) == STAGED


def test_a_model_of_before_has_no_stages(model):
    fields = dataclasses.asdict(STAGED)
    del fields["stages"]
    write_entry(model, json.dumps(fields))
    assert Manifest.read(model).stages == ()


def test_what_a_newer_stage_adds_is_passed_over(model):
    fields = dataclasses.asdict(STAGED)
    stages = [{**stage, "batch": 4} for stage in fields["stages"]]
    write_entry(model, json.dumps({**fields, "stages": stages}))
    assert Manifest.read(model) == STAGED


@pytest.mark.parametrize("stages", [[{"name": "fine"}], ["fine"], 7])
def test_stages_of_another_kind_are_refused(model, stages):
    write_entry(model, json.dumps({**dataclasses.asdict(MANIFEST), "stages": stages}))
    with pytest.raises(ManifestError, match="does not have the expected fields"):
        Manifest.read(model)
