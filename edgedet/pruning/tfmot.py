"""Magnitude pruning by tensorflow-model-optimization: the smallest weights become zero.

Zhu and Gupta 2017, To prune, or not to prune, https://arxiv.org/abs/1710.01878
"""

from __future__ import annotations

import keras

from edgedet.errors import ModelError
from edgedet.quantization.twin import copy_back, twin_of
from edgedet.quantization.twin_network import TwinNetwork, through, wanted

# How often weights are chosen anew in the first half of the training.
CHOICES = 50


class SparseTwin:
    """A network that learns to do with fewer weights, as tfmot has it.

    Over the first half of its training more and more weights are held at zero; after that they are
    the same ones. An INT8 file holds the zeros too, and the interpreter multiplies by them: with
    half of its weights zero Phantom's has 113,146 bytes and 61,806 gzipped, as against 113,114 and
    78,033, and after six epochs it finds less (easy .603, not .629). Pruned channels serve better.

    Args:
        network: A functional Keras network; it is not changed.
        share: Share of the weights of every kernel that become zero, in 0..1. tfmot leaves out
            depthwise kernels, biases and norms.
        steps: Training steps that it is for.

    Attributes:
        network: What is to be trained: with the inputs, outputs and weights of `network`.

    Raises:
        MissingExtraError: tfmot is not installed.
        ModelError: tfmot does not know how to prune a layer.
    """

    def __init__(self, network, share: float, steps: int):
        with wanted():
            from tensorflow_model_optimization.sparsity import keras as sparsity

            self._twin, places = twin_of(network)
        every = max(1, steps // 2 // CHOICES)
        # The last choice is at its end, or never.
        end = max(1, steps // 2 // every) * every
        schedule = sparsity.PolynomialDecay(0.0, share, begin_step=0, end_step=end, frequency=every)
        try:
            pruned = sparsity.prune_low_magnitude(self._twin, schedule)
        except ValueError as error:
            raise ModelError(
                f"Network {network.name!r}: tfmot cannot prune it ({error}).\n"
                "Prune channels instead."
            ) from error
        self._masks = {}
        for layer in pruned.layers:
            for variable, mask, _ in getattr(layer, "pruning_vars", ()):
                self._masks[id(variable)] = mask
            if hasattr(layer, "pruning_step"):
                # What its own callback does, which Keras 3 would not take.
                layer.pruning_step.assign(0)
        # Masks are no weights: nobody is to average them.
        layer = TwinNetwork(pruned, places, False, self._twin.weights, name="twin")
        self.network = through(layer, network)

    def copy_to(self, network: keras.Model) -> None:
        """Give a network like the first one the weights, with zeros in place of those that went."""
        copy_back(self._twin, network, self._masked)

    def _masked(self, variable):
        mask = self._masks.get(id(variable))
        return variable.numpy() if mask is None else variable.numpy() * mask.numpy()
