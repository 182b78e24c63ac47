"""Channel pruning: what a network can do without leaves it, and the file gets smaller.

Li et al. 2017, Pruning Filters for Efficient ConvNets, https://arxiv.org/abs/1608.08710
"""

from __future__ import annotations

import keras
import numpy as np

from edgedet.pruning.channels import Channels
from edgedet.pruning.slicing import sliced
from edgedet.quantization.graph import put_together, read


def without(network, channels, graph, gone):
    stays = ~np.isin(np.arange(len(channels._parents)), gone)
    made, weights = {}, {}
    where = {}
    for call in graph.calls:
        if call.layer not in made:
            i = stays[channels.of(call.inputs[0])]
            o = stays[channels.of(call.outputs[0])]
            made[call.layer], weights[call.layer] = sliced(call.layer, i, o)
    model = put_together(graph, made.get, network.name)
    for s, l in made.items():
        if weights[s]:
            l.set_weights(weights[s])
    return model


def choose(groups, scores, count, multiple):
    blocks = []
    for g in groups:
        order = g[np.argsort(scores[g], kind="stable")]
        size = (len(order) - 1) // multiple * multiple
        first = len(order) - size
        # block boundaries: remove down to multiples
        gone = 0
        step = len(order) % multiple or multiple
        while len(order) - gone - step >= multiple:
            b = order[gone:gone + step]
            blocks.append((scores[b].mean(), len(blocks), b))
            gone += step
            step = multiple
    blocks.sort(key=lambda b: b[:2])
    out = []
    n = 0
    for s, _, b in blocks:
        if n + len(b) > count + multiple / 2:
            break
        out.append(b); n += len(b)
    return np.concatenate(out) if out else np.array([], int)
