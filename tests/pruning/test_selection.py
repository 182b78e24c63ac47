"""What goes first is worth least for what it weighs."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.networks.graph import read
from edgedet.pruning.channels import Channels
from edgedet.pruning.selection import select


@pytest.fixture
def channels():
    """Two groups of 8 channels: those of `light` have 3 + 1 weights, those of `heavy` 27 + 1."""
    images = keras.Input((4, 4, 3))
    pair = [layers.Conv2D(8, size, padding="same", use_bias=False, name=name)(images)
            for name, size in (("light", 1), ("heavy", 3))]  # fmt: skip
    both = layers.Concatenate()(pair)
    return Channels(read(keras.Model(images, layers.Conv2D(1, 1, use_bias=False)(both))))


def left(channels, stays):
    return {
        layer.name: int(stays[outputs].sum())
        for layer, (_, outputs) in channels.ends.items()
        if layer.name in ("light", "heavy")
    }


def worth_of(channels, **scores):
    worth = np.full(channels.count, np.nan)
    for layer, (_, outputs) in channels.ends.items():
        if layer.name in scores:
            worth[outputs] = scores[layer.name]
    return worth


def test_what_is_worth_more_goes_if_it_weighs_more_still(channels):
    # 256 parameters; four heavy channels are 112 of them, at twice the worth of four light ones.
    stays = select(channels, worth_of(channels, light=1.0, heavy=2.0), 112 / 256, 4)
    assert left(channels, stays) == {"light": 8, "heavy": 4}


def test_what_does_not_fit_leaves_room_for_what_does(channels):
    stays = select(channels, worth_of(channels, light=1.0, heavy=2.0), 111 / 256, 4)
    assert left(channels, stays) == {"light": 4, "heavy": 8}


def test_some_of_every_group_always_stay(channels):
    stays = select(channels, worth_of(channels, light=1.0, heavy=2.0), 1.0, 4)
    assert left(channels, stays) == {"light": 4, "heavy": 4}


def test_the_first_block_makes_the_rest_a_multiple(channels):
    stays = select(channels, worth_of(channels, light=1.0, heavy=1.0), 1.0, 3)
    assert left(channels, stays) == {"light": 3, "heavy": 3}
    # Two of eight, as six stay then: 56 parameters.
    stays = select(channels, worth_of(channels, light=9.0, heavy=1.0), 56 / 256, 3)
    assert left(channels, stays) == {"light": 8, "heavy": 6}


def test_what_nobody_has_judged_stays(channels):
    stays = select(channels, worth_of(channels, light=1.0), 1.0, 4)
    assert left(channels, stays) == {"light": 4, "heavy": 8}
