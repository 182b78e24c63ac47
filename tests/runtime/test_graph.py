import os
import subprocess
import sys

import numpy as np
import pytest

from edgedet.errors import ModelError
from edgedet.runtime.engine import LiteRTEngine
from edgedet.runtime.graph import SIGNATURE, open_graph
from edgedet.runtime.measure.inspection import inspect

BLACK = np.zeros((1, 32, 32, 3), "uint8")


@pytest.fixture
def unsigned(tiny, tmp_path):
    """The tiny network without a signature; TensorFlow numbers its tensors."""
    pytest.importorskip("tensorflow")
    from edgedet.export.model_file import pack, unpack

    model = unpack(tiny.read_bytes())
    (signature,) = model.signatureDefs
    tensors = model.subgraphs[0].tensors
    for named in (*signature.inputs, *signature.outputs):
        tensors[named.tensorIndex].name = named.name.decode() + ":0"
    model.signatureDefs = None
    path = tmp_path / "unsigned.tflite"
    path.write_bytes(pack(model))
    return path


def test_a_signature_names_inputs_and_outputs(tiny, manifest):
    graph = open_graph(tiny)
    assert list(graph.interpreter.get_signature_list()) == [SIGNATURE]
    assert list(graph.inputs) == ["images"]
    assert sorted(graph.outputs) == sorted(manifest.tensors)


def test_tensors_are_known_by_their_names_without_a_signature(tiny, manifest, unsigned):
    expected, found = LiteRTEngine(tiny, manifest)(BLACK), LiteRTEngine(unsigned, manifest)(BLACK)
    assert list(found) == manifest.tensors
    for name in manifest.tensors:
        np.testing.assert_array_equal(found[name], expected[name])
    facts = inspect(unsigned, manifest)
    assert {tensor.name for tensor in facts.outputs} == set(manifest.tensors)
    assert [tensor.name for tensor in facts.inputs] == ["images"]


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_the_interpreter_is_quiet(tiny, level):
    # Of its own process, because the interpreter speaks only once.
    program = f"""
import logging, sys
logging.basicConfig(level="{level}", stream=sys.stdout)
from edgedet.runtime.graph import open_graph
open_graph(sys.argv[1])
"""
    done = subprocess.run([sys.executable, "-c", program, tiny], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    # What it has to say stands in the log, for those who debug.
    assert ("XNNPACK delegate" in done.stdout) == (level == "DEBUG")


def test_warnings_of_the_interpreter_surface(tiny, monkeypatch, caplog):
    from edgedet.runtime import interpreter

    class Talkative(interpreter.find_interpreter().Interpreter):
        def allocate_tensors(self):
            os.write(2, b"INFO: nothing\nWARNING: a core is missing\n")
            super().allocate_tensors()

    module = type(os)("talkative")
    module.Interpreter = Talkative
    monkeypatch.setattr(interpreter, "find_interpreter", lambda: module)
    open_graph(tiny)
    assert caplog.messages == ["WARNING: a core is missing"]


def test_an_error_of_the_interpreter_is_one_message(tiny, tmp_path, capfd):
    path = tmp_path / "broken.tflite"
    path.write_bytes(tiny.read_bytes()[:600])
    with pytest.raises(ModelError, match=r"broken\.tflite: expected a model that"):
        open_graph(path)
    assert capfd.readouterr().err == ""
