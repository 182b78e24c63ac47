"""Predictor: what each patch of the next frame should be like, and how sure that is.

Predictive coding (Rao and Ballard 1999, https://doi.org/10.1038/4580) for one stream of frames. On
the device it is a gate in NumPy, `edgedet.runtime.sparse.prediction`, which gives the same numbers;
its weights travel in the model file (`edgedet.parts`).
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from edgedet.runtime.sparse.predictor import HIGHEST, LOWEST, NEAR, PATCH

# The logarithm of the variance of embeddings that nothing is known about: a contrast of .05.
FIRST_LOG_VARIANCE = -6.0
# Of what was seen before, the share that a frame replaces, before it is learned.
FIRST_GAIN = 0.27


@keras.saving.register_keras_serializable(package="edgedet")
class Predictor(keras.layers.Layer):
    """One step of a stream: `observe` a frame, then `look_ahead` to the next.

    A state is a dict of `[patches, k]`: `settled`, the embedded change since a patch was last
    computed, averaged over time; `memory`, a gated recurrent unit's (Cho et al. 2014,
    https://arxiv.org/abs/1406.1078); `mean` and `log_variance` of what is expected next.

    Args:
        channels: Numbers that a patch is embedded in.
        units: Numbers that a patch remembers.
        **kwargs: Keras's own.
    """

    def __init__(self, channels: int = 8, units: int = 8, **kwargs):
        super().__init__(**kwargs)
        self.channels, self.units = channels, units
        self.gru = keras.layers.GRUCell(units)
        self.forecast = keras.layers.Dense(
            2 * channels,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.02, seed=0),
            bias_initializer=_first_forecast,
        )
        self.build()

    def build(self, input_shape=None):
        constant, channels = keras.initializers.Constant, self.channels
        self.embedding = self._weight("embedding", (PATCH * PATCH, channels), _cosines)
        # Before a sigmoid and before softpluses: they may become anything.
        self.raw_gain = self._weight("gain", (channels,), constant(_logit(FIRST_GAIN)))
        self.raw_importance = self._weight("importance", (3, channels), constant(-2.0))
        self.raw_near = self._weight("near", (NEAR * NEAR,), _mostly_itself)
        self.energy = self._weight("energy", (NEAR, NEAR, 2, 1), constant(1 / NEAR**2))
        # Variance that is added to the predicted one: changes so small matter to nobody.
        self.log_floor = self._weight("log_floor", (channels,), constant(FIRST_LOG_VARIANCE))
        self.log_threshold = self._weight("log_threshold", (), constant(1.0))
        self.gru.build((None, 2 * channels + 2))
        self.forecast.build((None, self.units))
        super().build(input_shape)

    def _weight(self, name, shape, initializer):
        return self.add_weight(shape=shape, initializer=initializer, name=name)

    def get_config(self):
        return {**super().get_config(), "channels": self.channels, "units": self.units}

    def begin(self, patches: int) -> dict:
        """Return the state of streams that nothing is known of, with all their patches."""
        settled = ops.zeros((patches, self.channels))
        memory = ops.zeros((patches, self.units))
        return self._expecting(settled, memory)

    def observe(self, changes, state: dict):
        """Return the surprise of each patch, its embedding, and what is remembered.

        Args:
            changes: `[B, rows, columns, 16]`, contrast to what the network last saw.
            state: Of `B * rows * columns` patches.

        Returns:
            `[B, rows, columns]`; `[patches, channels]`; a state for `look_ahead`.
        """
        shape = (-1, *changes.shape[1:3])
        seen = ops.matmul(ops.reshape(changes, (-1, PATCH * PATCH)), self.embedding)
        # What is expected learns from its likelihood alone, not from what surprise would like.
        mean, log_variance = (ops.stop_gradient(state[name]) for name in ("mean", "log_variance"))
        precision = 1 / ops.sqrt(ops.exp(log_variance) + ops.exp(self.log_floor))
        error = (seen - mean) * precision
        settled = state["settled"] + ops.sigmoid(self.raw_gain) * (seen - state["settled"])
        change, rest = seen * precision, settled * precision
        squares = ops.stack([ops.mean(error**2, 1), ops.mean(change**2, 1)], axis=1)
        energy = ops.depthwise_conv(
            ops.reshape(ops.stop_gradient(ops.log1p(squares)), (*shape, 2)),
            self.energy,
            padding="same",
        )
        views = [ops.stop_gradient(ops.softsign(view)) for view in (error, change)]
        inputs = ops.concatenate([*views, ops.reshape(energy, (-1, 2))], axis=1)
        memory, _ = self.gru(inputs, [state["memory"]])
        parts = ops.stack([error, change, rest], axis=1) ** 2
        surprise = ops.sum(parts * ops.softplus(self.raw_importance), axis=(1, 2))
        near = ops.reshape(ops.softplus(self.raw_near), (NEAR, NEAR, 1, 1))
        surprise = ops.conv(ops.reshape(surprise, (*shape, 1)), near, padding="same")
        return surprise[..., 0], seen, {"settled": settled, "memory": memory}

    def look_ahead(self, remembered: dict, computed) -> dict:
        """Return the state in which the next frame is expected.

        Args:
            remembered: What `observe` returned.
            computed: bool `[patches, 1]`: those that are computed now.
        """
        return self._expecting(
            ops.where(computed, 0.0, remembered["settled"]), remembered["memory"]
        )

    def device_weights(self) -> dict[str, np.ndarray]:
        """Return what `Prediction` takes."""
        importance = np.asarray(ops.softplus(self.raw_importance))
        kernel, recurrent_kernel, bias = self.gru.get_weights()
        return {
            "embedding": np.asarray(self.embedding),
            "input_kernel": kernel,
            "input_bias": bias[0],
            "recurrent_kernel": recurrent_kernel,
            "recurrent_bias": bias[1],
            "forecast_kernel": np.asarray(self.forecast.kernel),
            "forecast_bias": np.asarray(self.forecast.bias),
            "gain": np.asarray(ops.sigmoid(self.raw_gain)),
            "of_error": importance[0],
            "of_change": importance[1],
            "of_settled": importance[2],
            "energy": np.asarray(self.energy).ravel(),
            "near": np.asarray(ops.softplus(self.raw_near)),
            "floor": np.exp(np.asarray(self.log_floor)),
            "threshold": np.exp(np.asarray(self.log_threshold)),
        }

    def _expecting(self, settled, memory):
        forecast = self.forecast(memory)
        mean = settled + forecast[:, : self.channels]
        log_variance = ops.clip(forecast[:, self.channels :], LOWEST, HIGHEST)
        return {"settled": settled, "memory": memory, "mean": mean, "log_variance": log_variance}


def _cosines(shape, dtype=None):
    """Return the lowest frequencies of a patch as columns of length 1, `[16, channels]`."""
    places = np.arange(PATCH)
    waves = np.cos(np.pi * (places + 0.5) * places[:, None] / PATCH)
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    order = sorted(np.ndindex(PATCH, PATCH), key=lambda pair: (sum(pair), max(pair), pair))
    columns = [np.outer(waves[row], waves[column]).ravel() for row, column in order[: shape[1]]]
    return ops.convert_to_tensor(np.stack(columns, axis=1), dtype)


def _first_forecast(shape, dtype=None):
    half = shape[0] // 2
    return ops.convert_to_tensor(np.repeat([0.0, FIRST_LOG_VARIANCE], half), dtype)


def _mostly_itself(shape, dtype=None):
    values = np.full(shape, -4.0)
    values[len(values) // 2] = 0.5
    return ops.convert_to_tensor(values, dtype)


def _logit(share):
    return float(np.log(share / (1 - share)))
