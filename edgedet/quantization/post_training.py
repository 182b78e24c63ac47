"""Post-training quantization: everything that images tell about a network, without training it."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from edgedet.quantization.bias_correction import correct_biases
from edgedet.quantization.clipping import clip_ranges, raise_lows
from edgedet.quantization.observing import observe
from edgedet.quantization.rewrite import quantize_aware


def quantize_post_training(
    network,
    batches: Sequence,
    clip: bool = True,
    correct: bool = True,
    lowest: dict[str, float] | None = None,
) -> keras.Model:
    """Return a network that rounds as INT8 does, with ranges from images, ready to be exported.

    Args:
        network: A trained functional Keras network; it is not changed.
        batches: Its inputs, some hundred images in all.
        clip: Cut off a few large values where the others gain more; see `clip_ranges`.
        correct: Shift back what rounding shifts on average; see `correct_biases`.
        lowest: By the name of an output, the value below which nobody looks at it.

    Raises:
        ModelError: It is not known how a layer is computed with integers.
    """
    made = quantize_aware(network)
    observe(made, batches)
    if clip:
        clip_ranges(made, batches)
    raise_lows(made, lowest or {})
    if correct:
        correct_biases(made, network, batches)
    return made
