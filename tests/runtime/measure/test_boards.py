"""Operators: what boards lack is named."""

from edgedet.runtime.measure.boards import BOARDS, unsupported


def test_what_a_board_lacks_is_named_in_order():
    # HARD_SWISH runs on microcontrollers, not on Coral's chip; TOPK_V2 and GELU on neither.
    assert unsupported({"CONV_2D": 3, "TOPK_V2": 1, "HARD_SWISH": 1, "GELU": 1}) == {
        "microcontroller": ["GELU", "TOPK_V2"],
        "edge_tpu": ["GELU", "HARD_SWISH", "TOPK_V2"],
    }


def test_names_are_those_of_the_schema():
    from tensorflow.lite.python.schema_py_generated import BuiltinOperator

    for known in BOARDS.values():
        assert known <= vars(BuiltinOperator).keys()
