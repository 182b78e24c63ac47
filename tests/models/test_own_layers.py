import pytest

from edgedet.models.blocks import NearestUpsample
from edgedet.models.fusion import ConstantGate
from edgedet.quantization import COMPUTES, MOVES
from edgedet.quantization.rules import rule_of


@pytest.mark.parametrize(("layer", "rule"), [(NearestUpsample, MOVES), (ConstantGate, COMPUTES)])
def test_quantization_knows_our_layers(layer, rule):
    # Repeating a cell makes no new value; a product does.
    assert rule_of(layer()) == rule
