"""Which layers have weights that are rounded."""

from keras import layers

from edgedet.networks.weighted import weighted_of


class Shifted(layers.Conv2D):
    def call(self, inputs):
        return super().call(inputs) + 1


class Renamed(layers.Conv2D):
    pass


def test_a_subclass_that_computes_otherwise_is_none_of_ours():
    assert weighted_of(Renamed(1, 1)) is weighted_of(layers.Conv2D(1, 1))
    assert weighted_of(Shifted(1, 1)) is None
    assert weighted_of(layers.ReLU()) is None
