"""Portable: integers that every interpreter rounds alike, so that boards agree bit for bit.

Interpreters scale sums and products down to 8 bits differently, some in floats, some by integers in
two steps, and part where a result lies half way between two integers, or nearly so. So none gets
there, or all that get there are rounded to the same side: see `convolutions`, `sums` and `gates`.
How values are scaled: Jacob et al. 2018, https://arxiv.org/abs/1712.05877, section 2.2.
"""

from __future__ import annotations

from edgedet.export.portable.convolutions import align_convolutions
from edgedet.export.portable.gates import make_gates_even, tie
from edgedet.export.portable.means import replace_means
from edgedet.export.portable.sums import make_sums_exact


def make_portable(model) -> None:
    """Change an INT8 model so that it is computed alike everywhere.

    Args:
        model: The `ModelT` of a .tflite of one subgraph, as the converter writes it; changed in
            place. Operations that are not of 8-bit integers with 32-bit biases stay as they are.
    """
    replace_means(model)
    products = make_gates_even(model)
    make_sums_exact(model)
    tie(model, products)
    align_convolutions(model)
