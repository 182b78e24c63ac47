"""What `fit` reports: the mean of the loss and of each of its terms over an epoch."""

import keras


class Means:
    """Running means by name.

    Keras watches what is assigned to a model and refuses new metrics once it is built; it does
    not look into this, so a model can be compiled again.

    Args:
        names: What is averaged.
    """

    def __init__(self, names=()):
        self._means = {name: keras.metrics.Mean(name) for name in names}

    @property
    def metrics(self) -> list:
        """The Keras metrics, which `fit` resets at the start of an epoch."""
        return list(self._means.values())

    def update(self, values: dict) -> dict:
        """Add one value to each mean; return the means so far."""
        for name, value in values.items():
            self._means[name].update_state(value)
        return {name: mean.result() for name, mean in self._means.items()}
