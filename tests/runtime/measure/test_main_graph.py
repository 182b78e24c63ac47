"""The main graph alone: the same answers, and one subgraph."""

from pathlib import Path

from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.model_file import pack, unpack
from edgedet.runtime.measure.main_graph import main_graph_of

MODEL = Path(__file__).parents[2] / "fixtures" / "tiny-int8.tflite"


def test_only_the_number_of_subgraphs_changes():
    model = unpack(MODEL.read_bytes())
    model.subgraphs = [*model.subgraphs[:1] * 3]
    content = pack(model)

    alone = main_graph_of(content)

    assert schema.Model.GetRootAsModel(content, 0).SubgraphsLength() == 3
    assert schema.Model.GetRootAsModel(alone, 0).SubgraphsLength() == 1
    assert sum(one != other for one, other in zip(alone, content, strict=True)) == 1
    assert len(unpack(alone).subgraphs[0].operators) == len(model.subgraphs[0].operators)


def test_a_file_of_one_graph_stays_as_it_is():
    content = pack(_alone(MODEL))
    assert main_graph_of(content) == content


def _alone(path):
    model = unpack(path.read_bytes())
    model.subgraphs = model.subgraphs[:1]
    return model
