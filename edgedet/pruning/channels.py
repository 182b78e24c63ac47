"""Channels: which of them a network can only lose together.

A channel that is added to another one goes with it, and so does what a depthwise convolution or a
norm makes of it (Fang et al. 2023, DepGraph, https://arxiv.org/abs/2301.12900).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from keras import tree

from edgedet.networks.graph import Call, Graph, Tensor
from edgedet.pruning.rules import rule_of


class Channels:
    """Numbers the channels of all tensors of a network; those of one number go together.

    Args:
        graph: The network. The channels of its inputs and outputs stay.

    Attributes:
        count: How many numbers there are.
        ends: For each layer, the numbers of its first input and of its output.

    Raises:
        ModelError: It is not known what a layer does to channels.
    """

    def __init__(self, graph: Graph):
        self._parents: list[int] = []
        self._numbers: dict[Tensor, np.ndarray] = {}
        self._whole: list[int] = []
        self._first: dict = {}
        self._made: dict[int, set[str]] = defaultdict(set)
        for tensor in tree.flatten(graph.inputs):
            self._numbers[tensor] = self.kept(self.new(tensor.shape[-1]))
        for call in graph.calls:
            self._follow(call)
        for tensor in tree.flatten(graph.outputs):
            self.kept(self._numbers[tensor])
        self.count = len(self._parents)
        self.ends = {
            call.layer: (self.of(call.inputs[0]), self.of(call.outputs[0])) for call in graph.calls
        }

    def of(self, tensor: Tensor) -> np.ndarray:
        """Return the number of each channel of a tensor, int `[C]`."""
        return np.array([self._root(number) for number in self._numbers[tensor]], int)

    def groups(self) -> list[np.ndarray]:
        """Return the numbers of the channels that may go, those together that count together.

        To keep the number of channels of every tensor a multiple of 8, it is enough to keep that
        of every group.
        """
        whole = {self._root(number) for number in self._whole}
        makers = defaultdict(set)
        for number, names in self._made.items():
            makers[self._root(number)] |= names
        groups = defaultdict(list)
        for number in sorted(makers.keys() - whole):
            groups[frozenset(makers[number])].append(number)
        return [np.array(numbers) for numbers in groups.values()]

    # What rules are made of.

    def new(self, count: int, maker: str = "") -> np.ndarray:
        """Return numbers for so many channels, which the layer called `maker` computes."""
        first = len(self._parents)
        self._parents.extend(range(first, first + count))
        numbers = np.arange(first, first + count)
        if maker:
            for number in numbers.tolist():
                self._made[number].add(maker)
        return numbers

    def kept(self, numbers: np.ndarray) -> np.ndarray:
        """Return the same numbers, which from now on stay."""
        self._whole.extend(numbers.tolist())
        return numbers

    def tied(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return the first numbers, each of which from now on goes with the second ones."""
        for one, other in zip(first.tolist(), second.tolist(), strict=True):
            self._parents[self._root(other)] = self._root(one)
        return first

    def _follow(self, call: Call):
        inputs = [self._numbers[tensor] for tensor in call.inputs]
        outputs = rule_of(call.layer)(self, call, inputs)
        self._numbers.update(dict.fromkeys(call.outputs, outputs))
        if getattr(call.layer, "weights", ()):
            # A layer that is used twice has the same channels both times.
            before = self._first.setdefault(call.layer, [*inputs, outputs])
            for one, other in zip(before, [*inputs, outputs], strict=True):
                self.tied(one, other)

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            # Shorter for whoever asks next.
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number
