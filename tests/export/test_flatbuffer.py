"""Naming and slimming change the bytes of a file and nothing that it computes."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tensorflow.lite.python import schema_py_generated as schema

from edgedet.export.convert import convert
from edgedet.export.flatbuffer import slim
from edgedet.export.model_file import repack, unpack
from edgedet.export.naming import name_tensors

ORDER = ("p2_class_logits", "p2_box_raw", "p3_class_logits", "p3_box_raw")


@pytest.fixture(scope="module", params=["float", "float16", "int8"])
def pair(request, tiny_model, tiny_images):
    converted = convert(tiny_model.network, request.param, tiny_images)
    return converted, repack(named(converted), slim)


def named(converted):
    return renamed(converted.content, converted.outputs)


def renamed(content, outputs, **kwargs):
    return repack(content, lambda model: name_tensors(model, "images", outputs, ORDER, **kwargs))


def outputs(content, images, resolver=OpResolverType.AUTO):
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    (details,) = interpreter.get_input_details()
    if details["dtype"] == np.float32:
        images = images / np.float32(255)
    else:
        images = (images.astype(int) - 128).astype("int8")
    interpreter.set_tensor(details["index"], images)
    interpreter.invoke()
    return [interpreter.get_tensor(o["index"]) for o in interpreter.get_output_details()]


@pytest.mark.parametrize("resolver", [OpResolverType.AUTO, OpResolverType.BUILTIN_REF])
def test_outputs_are_bit_identical(pair, tiny_images, resolver):
    converted, slimmed = pair
    for image in tiny_images:
        before = outputs(converted.content, image[None], resolver)
        after = outputs(slimmed, image[None], resolver)

        before = dict(zip(converted.outputs, before, strict=True))
        for name, output in zip(ORDER, after, strict=True):
            np.testing.assert_array_equal(output, before[name])


def test_the_signature_names_input_and_outputs(pair, tiny_images):
    interpreter = Interpreter(model_content=pair[1])

    assert list(interpreter.get_signature_list()) == ["serving_default"]
    runner = interpreter.get_signature_runner()
    assert list(runner.get_input_details()) == ["images"]
    assert set(runner.get_output_details()) == set(ORDER)
    assert [o["name"] for o in interpreter.get_output_details()] == list(ORDER)


def test_slimming_twice_changes_nothing(pair):
    assert repack(pair[1], slim) == pair[1]
    assert repack(renamed(pair[1], ORDER), slim) == pair[1]


def test_naming_alone_keeps_everything_else(pair, tiny_images):
    converted, slimmed = pair
    content = named(converted)

    before, after = unpack(converted.content), unpack(content)
    assert len(after.subgraphs[0].tensors) == len(before.subgraphs[0].tensors)
    assert len(after.metadata) == len(before.metadata)
    assert len(content) > len(slimmed)
    interpreter = Interpreter(model_content=content)
    assert set(interpreter.get_signature_runner().get_output_details()) == set(ORDER)
    for image in tiny_images:
        for found, expected in zip(
            outputs(content, image[None]), outputs(slimmed, image[None]), strict=True
        ):
            np.testing.assert_array_equal(found, expected)


def test_a_signature_may_have_another_name(pair):
    content = renamed(pair[1], ORDER, signature="detect")

    assert list(Interpreter(model_content=content).get_signature_list()) == ["detect"]


def test_constants_start_at_multiples_of_16_bytes(pair):
    # The schema asks for it (`force_align: 16`); the generated Python code ignores it.
    for content in (named(pair[0]), pair[1]):
        model = schema.Model.GetRootAsModel(content, 0)
        table = [model.Buffers(i) for i in range(model.BuffersLength())]
        starts = [b._tab.Vector(b._tab.Offset(4)) for b in table if not b.DataIsNone()]

        assert len(starts) > 5
        assert [start % 16 for start in starts] == [0] * len(starts)


def test_equal_zero_points_are_one_vector(tiny_model, tiny_images):
    converted = convert(tiny_model.network, "int8", tiny_images)
    slimmed = repack(named(converted), slim)

    def vectors(content):
        graph = schema.Model.GetRootAsModel(content, 0).Subgraphs(0)
        tensors = [graph.Tensors(i).Quantization() for i in range(graph.TensorsLength())]
        tensors = [q for q in tensors if q is not None and q.ZeroPointLength() == 16]
        return [q._tab.Vector(q._tab.Offset(10)) for q in tensors]

    # Three layers of 16 channels, weights and biases of each.
    assert len(vectors(converted.content)) == len(vectors(slimmed)) == 6
    assert len(set(vectors(converted.content))) == 6
    assert len(set(vectors(slimmed))) == 1


def test_beside_weights_and_scales_an_operation_costs_some_300_bytes(tiny_model, tiny_images):
    converted = convert(tiny_model.network, "int8", tiny_images)
    slimmed = repack(named(converted), slim)

    def overhead(content):
        model = unpack(content)
        constants = sum(len(b.data) for b in model.buffers if b.data is not None)
        scales = [t.quantization.scale for t in model.subgraphs[0].tensors if t.quantization]
        learned = constants + sum(4 * len(scale) for scale in scales if scale is not None)
        return (len(content) - learned) / len(model.subgraphs[0].operators)

    assert overhead(converted.content) > 500
    assert overhead(slimmed) < 350
