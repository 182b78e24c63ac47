"""Domains: what kind of scene a thermal frame shows, and what a network makes of it.

The network tells the domain of a frame from the frame itself, and lets it scale and shift its
features by numbers that each domain has learned (FiLM, Perez et al. 2018,
https://arxiv.org/abs/1709.07871), mixed as likely as the domains are. So one file with one input
serves all domains; nobody has to say which one it is.
"""

from keras import layers

from edgedet.models.blocks import ACTIVATION
from edgedet.outputs import DOMAINS


def tell_domain(features, *, name):
    """Return the logits of the domains of each image, `[B, 1, 1, D]`.

    Args:
        features: `[B, H, W, C]` Keras tensor, the most abstract there is.
        name: Prefix of the layers' names.
    """
    mean = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(features)
    return layers.Conv2D(len(DOMAINS), 1, name=f"{name}_told")(mean)


def condition(features, shares, *, name):
    """Scale and shift each channel by what the domains have learned.

    Args:
        features: `[B, H, W, C]` Keras tensor.
        shares: `[B, 1, 1, D]`, how likely each domain is; 1 together.
        name: Prefix of the layers' names.
    """
    scale = _mixed(shares, features.shape[-1], "ones", f"{name}_scale")
    shift = _mixed(shares, features.shape[-1], "zeros", f"{name}_shift")
    scaled = layers.Multiply(name=f"{name}_scaled")([features, scale])
    shifted = layers.Add(name=f"{name}_shifted")([scaled, shift])
    return layers.Activation(ACTIVATION, name=f"{name}_act")(shifted)


def domain_output(features, told, *, name):
    """Return the logits of the domains at each cell: those of the image, and the cell's own.

    Args:
        features: `[B, H, W, C]` Keras tensor.
        told: `[B, 1, 1, D]`, see `tell_domain`.
        name: Name of the output.
    """
    own = layers.Conv2D(len(DOMAINS), 1, kernel_initializer="zeros", name=f"{name}_own")(features)
    return layers.Add(name=name)([own, told])


def _mixed(shares, channels, start, name):
    # The row of each domain, by its share: a 1x1 convolution whose kernel is the table.
    return layers.Conv2D(channels, 1, use_bias=False, kernel_initializer=start, name=name)(shares)
