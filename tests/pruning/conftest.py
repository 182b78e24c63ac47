import keras
import numpy as np
import pytest

from edgedet.networks.graph import read
from edgedet.pruning.channels import Channels


@pytest.fixture
def silenced():
    """Let some channels of a network always be zero: `silenced(network, stays)`.

    `stays` is bool by the numbers of `Channels(read(network))`.
    """

    def silence(network, stays):
        for layer, (_, outputs) in Channels(read(network)).ends.items():
            if isinstance(layer, keras.layers.BatchNormalization):
                weights = [(layer.gamma, 0), (layer.beta, 0)]
            elif isinstance(layer, keras.layers.Conv2DTranspose):
                weights = [(layer.kernel, 2), (layer.bias, 0)]
            else:
                weights = [
                    (weight, len(weight.shape) - 1)
                    for name in ("kernel", "pointwise_kernel", "bias")
                    if (weight := getattr(layer, name, None)) is not None
                    and weight.shape[-1] == len(outputs)
                ]
            for weight, axis in weights:
                value = np.moveaxis(weight.numpy(), axis, -1)
                weight.assign(np.moveaxis(np.where(stays[outputs], value, 0), -1, axis))
        return network

    return silence
