"""Pruning: what a network can do without."""

from edgedet.pruning.channel_pruning import prune_channels
from edgedet.pruning.importance import gate_gradients
from edgedet.pruning.narrowing import narrowed
from edgedet.pruning.rules import RULES, alone, merged, whole

__all__ = ["RULES", "alone", "gate_gradients", "merged", "narrowed", "prune_channels", "whole"]
