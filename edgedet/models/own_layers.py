"""Our own layers, told to those who rewrite networks.

To quantization: what integers make of each, and what it is in tf-keras; to pruning: what it does to
channels. Importing `edgedet.models` is enough. A layer that is not told is refused by name when a
network that has it is quantized or pruned.
"""

from edgedet.models.blocks import NearestUpsample
from edgedet.models.fusion import ConstantGate
from edgedet.pruning import RULES as CHANNEL_RULES
from edgedet.pruning import alone
from edgedet.quantization import COMPUTES, MOVES, RULES, TWINS, Twin

RULES.update({NearestUpsample: MOVES, ConstantGate: COMPUTES})
CHANNEL_RULES.update({NearestUpsample: alone, ConstantGate: alone})
# tf-keras has no layer that multiplies by a constant: a network with one has no twin.
TWINS.update({NearestUpsample: Twin("UpSampling2D")})
