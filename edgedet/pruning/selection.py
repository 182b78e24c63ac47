"""Selection: which channels of a network go, so that it loses little for what it saves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgedet.pruning.channels import Channels
from edgedet.pruning.slicing import count_learned


def select(channels: Channels, worth: np.ndarray, share: float, multiple: int) -> np.ndarray:
    """Return which channels stay, bool `[N]` by their numbers.

    They go in blocks: always the next block that is worth least for each parameter that it saves
    now, as what is left of its neighbours decides how many these are.

    Args:
        channels: All of them.
        worth: Of the channels of each number, float `[N]`; groups with a NaN stay.
        share: Share of the trainable parameters that goes at most.
        multiple: Of every group a multiple of so many channels stays, and never none.
    """
    stays = np.ones(channels.count, bool)
    spare = share * _learned(channels.ends, stays)
    queues = [
        (list(_blocks(group, worth, multiple)), _touched(channels, group))
        for group in channels.groups()
    ]
    while True:
        offers = []
        for blocks, ends in queues:
            if blocks:
                saved = _learned(ends, stays) - _learned(ends, _less(stays, blocks[0]))
                if 0 < saved <= spare:
                    offers.append((worth[blocks[0]].sum() / saved, len(offers), saved, blocks))
        if not offers:
            return stays
        *_, saved, blocks = min(offers)
        spare -= saved
        stays = _less(stays, blocks.pop(0))


def _blocks(group, worth, multiple) -> Iterator[np.ndarray]:
    """Yield the channels of a group that can go, in blocks, those that are worth least first.

    What stays without a block, and those before it, is a multiple of `multiple`.
    """
    if np.isnan(worth[group]).any():
        return
    order = group[np.argsort(worth[group], kind="stable")]
    start = 0
    for end in range(len(order) % multiple or multiple, len(order) - multiple + 1, multiple):
        yield order[start:end]
        start = end


def _less(stays, block):
    fewer = stays.copy()
    fewer[block] = False
    return fewer


def _touched(channels, group):
    """Return the ends of the layers that have channels of a group."""
    return {
        layer: ends
        for layer, ends in channels.ends.items()
        if any(np.isin(group, numbers).any() for numbers in ends)
    }


def _learned(ends, stays):
    """Return how many trainable parameters are left in some layers, by their ends."""
    return sum(
        count_learned(layer, stays[inputs], stays[outputs])
        for layer, (inputs, outputs) in ends.items()
    )
