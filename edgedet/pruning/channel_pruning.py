"""Channel pruning: the channels that matter least leave a network, which is smaller then.

Unlike single weights that become zero, channels that are gone make every file smaller and leave
every runtime less to compute (Li et al. 2017, https://arxiv.org/abs/1608.08710).
"""

from __future__ import annotations

import keras
import numpy as np

from edgedet.errors import ModelError
from edgedet.networks.graph import Graph, put_together, read
from edgedet.pruning.channels import Channels
from edgedet.pruning.selection import select
from edgedet.pruning.slicing import sliced

# The kernels of TFLite compute so many channels at once.
MULTIPLE = 8


def prune_channels(
    network, share: float, gradients: dict[str, np.ndarray], multiple: int = MULTIPLE
) -> keras.Model:
    """Return a network without the channels that matter least for what they weigh.

    Channels that are added or multiplied go together; inputs and outputs keep theirs. Train it for
    some epochs before you judge it.

        gradients = gate_gradients(network, loss, batches)
        smaller = prune_channels(network, 0.15, gradients)

    Args:
        network: A functional Keras network, or a Sequential that knows its input, of standard
            layers; it is not changed. A layer of your own needs an entry in `RULES`.
        share: Share of the trainable parameters that goes at most, in 0..1.
        gradients: See `gate_gradients`. Channels that go together add theirs; of what no layer in
            it computes, all stays.
        multiple: Of every tensor a multiple of so many channels stays, and never none.

    Returns:
        A functional network with the same inputs and outputs, and the weights that stay.

    Raises:
        ModelError: The network is not functional, or it is not known what a layer does to
            channels; the message names it. Or so small a share is less than any channels hold.
    """
    graph = read(network)
    channels = Channels(graph)
    stays = select(channels, _importance(graph, channels, gradients), share, multiple)
    if stays.all():
        raise ModelError(
            f"Network {network.name!r}: expected some {multiple} channels that hold at most "
            f"{share:g} of its parameters, found none.\nPrune a larger share."
        )
    return without(graph, channels, stays, network.name)


def without(graph: Graph, channels: Channels, stays: np.ndarray, name: str) -> keras.Model:
    """Return the network of a graph with some of its channels.

    Args:
        graph: The network.
        channels: Its channels.
        stays: Whether the channels of each number stay, bool `[N]`.
        name: Of the network that is returned.
    """
    made = {
        layer: sliced(layer, stays[inputs], stays[outputs])
        for layer, (inputs, outputs) in channels.ends.items()
    }
    network = put_together(graph, lambda layer: made[layer][0], name)
    for layer, weights in made.values():
        if weights:
            layer.set_weights(weights)
    return network


def _importance(graph, channels, gradients):
    """Return what the channels of each number are worth, float `[N]`; NaN where nobody knows."""
    sums = {}
    for call in graph.calls:
        rows = gradients.get(call.layer.name)
        if rows is not None:
            for number, column in zip(channels.of(call.outputs[0]), rows.T, strict=True):
                sums[number] = sums.get(number, 0) + column
    worth = np.full(channels.count, np.nan)
    for number, column in sums.items():
        worth[number] = np.mean(np.square(column))
    return worth
