"""Narrowing: a new network gets the widths of one that was pruned."""

from __future__ import annotations

import keras
import numpy as np

from edgedet.networks.graph import read
from edgedet.pruning.channel_pruning import without
from edgedet.pruning.channels import Channels


def narrowed(network, pruned) -> keras.Model:
    """Return a network whose layers are as wide as those of another one with the same names.

    Which of its channels stay means nothing: it is to get the weights of the other.

    Args:
        network: A functional Keras network; it is not changed. Where it is not wider than
            `pruned`, or has other layers, it stays as it is.
        pruned: Made by `prune_channels` of such a network.

    Raises:
        ModelError: It is not known what a layer does to channels.
    """
    graph = read(network)
    channels = Channels(graph)
    widths = {call.layer.name: call.outputs[0].shape[-1] for call in read(pruned).calls}
    stays = np.ones(channels.count, bool)
    for group in channels.groups():
        stays[group[_width(channels, group, widths) :]] = False
    return network if stays.all() else without(graph, channels, stays, network.name)


def _width(channels, group, widths):
    """Return how many channels of a group stay."""
    wanted = {
        widths[layer.name]
        for layer, (_, outputs) in channels.ends.items()
        if layer.name in widths and np.array_equal(np.unique(outputs), group)
    }
    return wanted.pop() if len(wanted) == 1 else len(group)
