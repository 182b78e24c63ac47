"""Quantization-aware training: any functional network becomes one that rounds as INT8 does.

Jacob et al. 2018, https://arxiv.org/abs/1712.05877; Krishnamoorthi 2018,
https://arxiv.org/abs/1806.08342.
"""

from __future__ import annotations

import functools

import keras

from edgedet.networks.graph import read
from edgedet.quantization.activation_range import ActivationRange
from edgedet.quantization.assembly import Assembly
from edgedet.quantization.folding import fold
from edgedet.quantization.pieces import take_apart
from edgedet.quantization.sharing import share_ranges

# Training steps that a range is observed for before it is learned.
OBSERVE_STEPS = 100


def quantize_aware(
    network,
    input_range: tuple[float, float] | None = (0.0, 1.0),
    learned: bool = False,
    norm_steps: int = 0,
) -> keras.Model:
    """Return a network that computes in floats what the INT8 file of `network` computes.

    Train it for a few epochs with a small learning rate, and convert it: the converter takes
    every scale from it, and needs no calibration images. Weights are rounded for each channel,
    symmetrically; activations for each tensor. It must see some inputs first, in training or by
    `observe`.

        made = quantize_aware(network)
        observe(made, [images])
        made.compile(keras.optimizers.Adam(1e-4), loss)
        made.fit(images, truth)

    Args:
        network: A functional Keras network, or a Sequential that knows its input, of standard
            layers; it is not changed. A layer of your own needs an entry in `RULES`.
        input_range: (low, high) of the inputs; `None` observes it.
        learned: Whether ranges and steps are learned once they were observed for
            `OBSERVE_STEPS` training steps; it makes a step about a third slower. Leave
            variables named `gain` out of weight decay.
        norm_steps: Training steps in which batch normalization uses the statistics of the
            batch, and updates the running ones. By default these stay from the start, which
            is faster, and right for a network that has been trained.

    Returns:
        A functional network with the same inputs, outputs and weights.

    Raises:
        ModelError: The network is not functional, or it is not known how a layer is computed
            with integers; the message names it.
    """
    graph = fold(take_apart(read(network)))
    groups = share_ranges(graph, input_range)
    make_range = functools.partial(
        ActivationRange, observe_steps=OBSERVE_STEPS if learned else None, learned=learned
    )
    return Assembly(make_range, norm_steps, learned).network(graph, groups, network.name)
