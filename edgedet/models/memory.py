"""Object memory: the GRU state of each tracked object, as it learns.

On the device `edgedet.runtime.tracking.memory` computes the same in NumPy, one frame at a time;
here whole tracks are run at once, and truth says how far each prediction was off.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from edgedet.models.learner import Learner
from edgedet.models.means import Means
from edgedet.models.memory_loss import box_loss, identity_loss
from edgedet.runtime.tracking import memory as device

# What it learns by: the sum first.
LOSSES = "loss", "box", "identity"


@keras.saving.register_keras_serializable(package="edgedet")
class ObjectMemory(Learner):
    """Remembers tracks: corrects where their filters expect them, and knows their looks.

    Args:
        size: h, numbers of a state.
        side: Pixels along each axis of the patches that are looked at.
        hidden: Width of a layer between patch and embedding; 0 for none.
        embedding: e, numbers that tell looks apart.
        **kwargs: Keras's own.
    """

    def __init__(self, size=64, side=12, hidden=48, embedding=32, **kwargs):
        super().__init__(**kwargs)
        self.size, self.side, self.hidden, self.embedding = size, side, hidden, embedding
        widths = [hidden, embedding] if hidden else [embedding]
        self.embed = [keras.layers.Dense(w, name=f"embed{n}") for n, w in enumerate(widths)]
        cell = _Cell(size, embedding, name="cell")
        self.rnn = keras.layers.RNN(cell, return_sequences=True, name="rnn")
        # Begins as the filter is.
        self.correct = keras.layers.Dense(
            device.TERMS * 8, kernel_initializer="zeros", name="correct"
        )
        self.look = keras.layers.Dense(embedding, kernel_initializer="zeros", name="look")
        self.means = Means(LOSSES)
        self._build_layers()

    def _build_layers(self):
        pixels = self.side**2 * 3
        for layer in self.embed:
            layer.build((None, pixels))
            pixels = layer.units
        self.rnn.build((None, None, device.FEATURES + self.embedding))
        for layer in (self.correct, self.look):
            layer.build((None, self.size))
        self.built = True

    def get_config(self):
        names = ("size", "side", "hidden", "embedding", "name")
        return {name: getattr(self, name) for name in names}

    def call(self, tracks, training=None):
        """Return what is remembered of M tracks after each of T frames.

        Args:
            tracks: `surprise` float32 `[M, T, FEATURES]`, `patch` `[M, T, side * side * 3]` and
                `seen` bool `[M, T]`; who is not seen in a frame is remembered as before.
            training: Means nothing here.

        Returns:
            `looks` `[M, T, e]` of the detections, `expected` `[M, T, e]`, what the track should
            look like, and `terms` `[M, T, TERMS, 8]` of its correction: shift of centre and sides,
            and the logarithm by which their variances change.
        """
        looks = ops.cast(tracks["patch"], "float32")
        for layer in self.embed[:-1]:
            looks = ops.relu(layer(looks))
        looks = _unit(self.embed[-1](looks))
        inputs = ops.concatenate([tracks["surprise"], looks], axis=-1)
        outputs = self.rnn(inputs, mask=tracks["seen"])
        state, mean = outputs[..., : self.size], outputs[..., self.size :]
        terms = self.correct(state)
        terms = ops.reshape(terms, (*ops.shape(terms)[:2], device.TERMS, 8))
        return {"looks": looks, "expected": _unit(mean + self.look(state)), "terms": terms}

    def train_step(self, tracks):
        with tf.GradientTape() as tape:
            losses = self._judged(tracks)
        gradients = tape.gradient(losses[0], self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return self._report(losses)

    def test_step(self, tracks):
        return self._report(self._judged(tracks))

    def weights_by_name(self) -> dict[str, np.ndarray]:
        """Return what `edgedet.runtime.tracking.memory.ObjectMemory` takes."""
        gru = self.rnn.cell.gru
        layers = [*self.embed, self.correct, self.look]
        named = {"gru": gru.kernel, "gru_state": gru.recurrent_kernel}
        named |= {"gru_bias": gru.bias[0], "gru_state_bias": gru.bias[1]}
        named |= {layer.name: layer.kernel for layer in layers}
        named |= {f"{layer.name}_bias": layer.bias for layer in layers}
        return {name: ops.convert_to_numpy(value) for name, value in named.items()}

    def _judged(self, tracks):
        said = self(tracks)
        box = box_loss(said["terms"], tracks)
        identity = identity_loss(said["expected"], said["looks"], tracks["seen"])
        return box + identity, box, identity

    def _report(self, losses):
        return self.means.update(dict(zip(LOSSES, losses, strict=True)))


@keras.saving.register_keras_serializable(package="edgedet")
class _Cell(keras.layers.Layer):
    """A GRU beside the running mean of looks."""

    def __init__(self, size, embedding, **kwargs):
        super().__init__(**kwargs)
        self.gru = keras.layers.GRUCell(size, name="gru")
        self.embedding = embedding
        self.state_size = [size, embedding]
        self.output_size = size + embedding

    def build(self, input_shape):
        self.gru.build(input_shape)
        self.built = True

    def call(self, inputs, states, training=None):
        state, mean = states
        looks = inputs[..., -self.embedding :]
        _, (state,) = self.gru(inputs, [state])
        is_new = ops.all(mean == 0, axis=-1, keepdims=True)
        renewed = (1 - device.RENEWAL) * mean + device.RENEWAL * looks
        mean = ops.where(is_new, looks, renewed)
        return ops.concatenate([state, mean], axis=-1), [state, mean]


def _unit(vectors):
    return vectors * ops.rsqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + 1e-6)
