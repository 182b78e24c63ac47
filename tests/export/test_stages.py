"""A file with stages is the file without them, and a list of operators for each."""

import logging

import numpy as np
import pytest
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export import export
from edgedet.export.convert import convert
from edgedet.export.flatbuffer import slim
from edgedet.export.model_file import pack, repack, unpack
from edgedet.export.naming import name_tensors
from edgedet.export.portable import make_portable
from edgedet.export.stages import cut
from edgedet.manifest import Manifest, Stage
from edgedet.models import Nexus, Phantom
from edgedet.runtime import EdgeDetector
from edgedet.runtime.measure.inspection import inspect
from edgedet.runtime.sparse.staged import FeatureMaps, StagedNetwork
from edgedet.runtime.sparse.windows import Window


def images(side, count=4):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3)).astype("uint8")


@pytest.fixture(scope="module")
def phantom():
    return Phantom((64, 64))


@pytest.fixture(scope="module")
def named(phantom):
    converted = convert(phantom.network, "int8", images(64))
    order = phantom.manifest().tensors
    return repack(
        converted.content,
        lambda model: name_tensors(model, "images", converted.outputs, order),
    )


@pytest.fixture(scope="module")
def staged(named, phantom):
    return repack(named, lambda model: cut(model, phantom.stages))


@pytest.fixture(scope="module")
def file(phantom, tmp_path_factory):
    path = tmp_path_factory.mktemp("staged") / "phantom.tflite"
    export(phantom, path, "int8", calibration=images(64))
    return path


def weights(content):
    return [buffer.data.tobytes() for buffer in unpack(content).buffers if buffer.data is not None]


def test_stages_cost_a_list_of_operators_each(named, staged, phantom):
    plain, slimmed = repack(named, slim), repack(staged, slim)

    assert weights(slimmed) == weights(plain)
    assert len(slimmed) - len(plain) < 200 * len(phantom.stages)


def test_all_stages_are_found(named, phantom):
    assert cut(unpack(named), phantom.stages) == phantom.stages


def test_all_subgraphs_have_one_list_of_tensors(staged, phantom):
    content = repack(staged, slim)
    model = schema.Model.GetRootAsModel(content, 0)
    graphs = [model.Subgraphs(number) for number in range(model.SubgraphsLength())]
    assert len(graphs) == 1 + len(phantom.stages)
    assert len({graph._tab.Vector(graph._tab.Offset(4)) for graph in graphs}) == 1
    operators = {graph.Operators(0)._tab.Pos for graph in graphs[1:]}
    whole = {graphs[0].Operators(i)._tab.Pos for i in range(graphs[0].OperatorsLength())}
    assert operators <= whole


def test_every_operator_is_in_one_stage(staged):
    whole, *parts = unpack(staged).subgraphs
    outputs = [tuple(op.outputs) for part in parts for op in part.operators]
    assert sorted(outputs) == sorted(tuple(op.outputs) for op in whole.operators)


def test_slimming_a_file_with_stages_twice_changes_nothing(staged):
    slimmed = repack(staged, slim)
    assert repack(slimmed, slim) == slimmed


def test_it_is_slimmed_as_well_before_it_is_written(named, staged, phantom):
    at_once = repack(named, lambda model: cut(model, phantom.stages), slim)
    assert at_once == repack(staged, slim)


def test_the_manifest_says_what_each_stage_costs(file, phantom):
    stages = Manifest.read(file).stages
    assert [stage.name for stage in stages] == [stage.name for stage in phantom.stages]
    assert sum(stage.macs for stage in stages) == inspect(file).macs


def test_the_whole_network_is_what_it_was(file, named, tmp_path):
    plain = tmp_path / "plain.tflite"
    plain.write_bytes(repack(named, make_portable, slim))
    Manifest.read(file).append_to(plain)
    expected, found = (EdgeDetector.load(path).engine(images(64)) for path in (plain, file))
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])


def test_a_layer_that_is_not_there_leaves_the_file_as_it_was(named, caplog):
    stages = (Stage("a", ("images",), ("c2_conv",)), Stage("b", ("c2_conv",), ("c9_out",)))
    with caplog.at_level(logging.WARNING):
        model = unpack(named)
        assert cut(model, stages) == ()
    assert pack(model) == named
    assert "layer c9_out is not to be found" in caplog.text


def test_a_layer_is_known_by_its_whole_name(named):
    # `c2a_out` and `c2_conv` begin alike, and `p2` begins many.
    assert cut(unpack(named), (Stage("a", ("images",), ("p2",)),)) == ()


def check_windows(path, precision):
    """Compute another image window by window, and compare with the whole."""
    detect = EdgeDetector.load(path)
    network = StagedNetwork(detect.engine, detect.manifest)
    before, after = (image[None] for image in images(detect.manifest.input_size[0], 2))
    rows, columns = (side // network.cell for side in detect.manifest.input_size)
    halves = [(0, rows // 2), (rows // 2, rows)], [(0, columns // 2), (columns // 2, columns)]
    windows = [
        Window(top, left, bottom, right) for top, bottom in halves[0] for left, right in halves[1]
    ]
    features = FeatureMaps(network)
    features.update(before, None)
    features.update(after, windows)
    expected, found = detect.engine(after), features.raw()
    for name in expected:
        tolerance = 1e-4 if precision == "float" else 0
        np.testing.assert_allclose(found[name], expected[name], atol=tolerance, err_msg=name)


def test_windows_of_phantom_are_phantom(file):
    check_windows(file, "int8")


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float", "int8"])
def test_windows_of_nexus_are_nexus(tmp_path, precision):
    path = tmp_path / "nexus.tflite"
    model = Nexus(3, (128, 128))
    exported = export(model, path, precision, calibration=images(128))
    assert [stage.name for stage in exported.manifest.stages] == [s.name for s in model.stages]
    check_windows(path, precision)


def test_a_nexus_that_is_fused_otherwise_has_no_stages():
    assert Nexus(3, (64, 64), fusion="mixing").stages == ()


@pytest.mark.slow
def test_a_network_that_was_trained_for_int8_has_the_same_stages(phantom, tmp_path):
    from edgedet.quantization import observe, quantize_aware

    network = quantize_aware(phantom.network)
    observe(network, [images(64) / np.float32(255)])
    path = tmp_path / "trained.tflite"
    exported = export(phantom.with_network(network), path, "int8", calibration=images(64))
    assert len(exported.manifest.stages) == len(phantom.stages)
    check_windows(path, "int8")
