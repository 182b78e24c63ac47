"""The C header: a C compiler reads from it what the interpreter reads from the file."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from edgedet.cli.main import main
from edgedet.errors import ExportError
from edgedet.export import export
from edgedet.export.c_header import write_c_header
from edgedet.export.model_file import pack, unpack
from edgedet.manifest import Manifest
from edgedet.runtime.engine import LiteRTEngine
from edgedet.runtime.measure.inspection import inspect

PROGRAM = r"""
#include <stdio.h>
#include "tiny.h"
#include "tiny.h"

int main(void) {
    int i;
    FILE *file = fopen("model.tflite", "wb");
    if (!file || (uintptr_t)_2_tiny_model % 16) return 1;
    fwrite(_2_tiny_model, 1, _2_TINY_SIZE, file);
    fclose(file);
    printf("[[\"%s\", %d, %.9g, %d, %d]", _2_tiny_input.name, (int)_2_tiny_input.shape[3],
           _2_tiny_input.scale, (int)_2_tiny_input.zero_point, (int)_2_tiny_input.stride);
    for (i = 0; i < _2_TINY_OUTPUTS; ++i)
        printf(", [\"%s\", %d, %.9g, %d, %d]", _2_tiny_outputs[i].name,
               (int)_2_tiny_outputs[i].shape[3], _2_tiny_outputs[i].scale,
               (int)_2_tiny_outputs[i].zero_point, (int)_2_tiny_outputs[i].stride);
    printf(", \"%s\"]\n", _2_tiny_class_names[_2_TINY_CLASSES - 1]);
    return 0;
}
""".replace("_2_TINY", "MODEL_2_TINY").replace("_2_tiny", "model_2_tiny")


@pytest.fixture
def model(tmp_path, tiny_model, tiny_images):
    # A name that C would not take, and a class that ASCII does not know.
    path = tmp_path / "2-tiny.tflite"
    manifest = tiny_model.manifest(class_names=("Gänse??/",))
    export(tiny_model, path, "int8", (), tiny_images, manifest)
    return path


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler called cc")
def test_a_c_compiler_finds_the_model_and_its_facts(model, tmp_path, tiny_images):
    write_c_header(model, tmp_path / "tiny.h")
    (tmp_path / "main.c").write_text(PROGRAM)
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]

    subprocess.run(["cc", *strict, "main.c", "-o", "main"], cwd=tmp_path, check=True)
    told = subprocess.run(["./main"], cwd=tmp_path, check=True, capture_output=True, text=True)

    manifest = Manifest.read(model)
    facts = inspect(model, manifest)
    given, *outputs, name = json.loads(told.stdout)
    assert name == "Gänse??/"
    assert given == [facts.inputs[0].name, 3, pytest.approx(1 / 255), -128, 1]
    assert outputs == [
        [
            each.name,
            each.shape[3],
            pytest.approx(each.scale),
            each.zero_point,
            {"p2": 4, "p3": 8}[each.name[:2]],
        ]
        for each in facts.outputs
    ]
    copy = LiteRTEngine(tmp_path / "model.tflite", manifest)
    for name, expected in LiteRTEngine(model, manifest)(tiny_images).items():
        np.testing.assert_array_equal(copy(tiny_images)[name], expected)


def size_in(header):
    return int(re.search(r"#define \w+_SIZE (\d+)", header.read_text())[1])


def test_stages_cost_no_flash(model, tmp_path):
    write_c_header(model, tmp_path / "one.h")
    staged = unpack(model.read_bytes())
    staged.subgraphs = staged.subgraphs * 2
    manifest = Manifest.read(model)
    model.write_bytes(pack(staged))
    manifest.append_to(model)

    write_c_header(model, tmp_path / "two.h")

    assert (tmp_path / "two.h").read_text() == (tmp_path / "one.h").read_text()


def test_the_manifest_costs_no_flash(model, tmp_path):
    write_c_header(model, tmp_path / "tiny.h")
    assert size_in(tmp_path / "tiny.h") < model.stat().st_size - 200


def test_floats_are_refused(tmp_path, tiny_model):
    export(tiny_model, tmp_path / "tiny.tflite", "float")
    with pytest.raises(ExportError, match="integers only, found float"):
        write_c_header(tmp_path / "tiny.tflite", tmp_path / "tiny.h")
    assert not (tmp_path / "tiny.h").exists()


def test_the_command_refuses_them_before_it_begins(tmp_path, capsys):
    arguments = ["export", "run", str(tmp_path / "a.tflite"), "--float"]
    assert main([*arguments, "--c-header", "a.h"]) == 2
    assert main([*arguments, "--qat", "1"]) == 2
    assert "which --float is not" in capsys.readouterr().err
    assert main(["export", "run", str(tmp_path / "a.tflite"), "--qat", "0"]) == 2
