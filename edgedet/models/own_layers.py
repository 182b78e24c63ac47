"""Our own layers, told to quantization: what integers make of each, and what it is in tf-keras.

Importing `edgedet.models` is enough. A layer that is not told is refused by name when a network
that has it is quantized.
"""

from edgedet.models.blocks import NearestUpsample
from edgedet.models.fusion import ConstantGate
from edgedet.quantization import COMPUTES, MOVES, RULES, TWINS, Twin

RULES.update({NearestUpsample: MOVES, ConstantGate: COMPUTES})
# tf-keras has no layer that multiplies by a constant: a network with one has no twin.
TWINS.update({NearestUpsample: Twin("UpSampling2D")})
