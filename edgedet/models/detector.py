"""Detector: how all three models learn. Nothing here knows which model it is."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from edgedet.geometry import ltrb
from edgedet.losses import DetectionLoss
from edgedet.manifest import Level, Manifest
from edgedet.models.means import Means
from edgedet.outputs import tensor_name
from edgedet.settings import Assignment
from edgedet.targets import CenterAssigner


class Detector(keras.Model):
    """A dense detector: images in, one raw prediction per point out.

    Subclasses set `network`, a functional Keras model from float32 images `[B, h, w, bands]` in
    0..1 to `{tensor name: [B, h_level, w_level, k]}`, the facts that a manifest needs, and the
    class attributes `kinds` and `size_ranges`.

    Args:
        network: The functional network; it is what gets quantized and exported.
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level, finest first.
        class_names: Name of each label.
    """

    # Per level, the smallest and largest object it answers for: the geometric mean of its sides
    # in pixels. Assigners that choose by size need it.
    size_ranges = ()
    # What each level says; see `Manifest.kinds`.
    kinds = ("class_logits", "box_raw")

    def __init__(self, network, input_size, strides, class_names, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.input_size = tuple(input_size)
        self.strides = tuple(strides)
        self.class_names = tuple(class_names)
        self.assigner = self.assigner_of(Assignment())
        self.detection_loss = DetectionLoss()
        self.means = Means()
        # So that a model that has seen no image can be saved too.
        self.build((None, *self.input_size, network.input_shape[-1]))

    def assigner_of(self, chosen: Assignment):
        """Return the assigner that the settings ask for, made for the model's levels."""
        return CenterAssigner(self.input_size, self.strides, self.size_ranges, chosen.radius)

    def manifest(self, **changes) -> Manifest:
        """Return what a runtime must know about the model, with the fields in `changes`."""
        facts = {
            "model": type(self).__name__.lower(),
            "input_size": self.input_size,
            "class_names": self.class_names,
            "levels": tuple(Level.of_stride(stride) for stride in self.strides),
            "kinds": self.kinds,
            "bands": self.network.input_shape[-1],
        }
        return Manifest(**{**facts, **changes})

    def call(self, images, training=None):
        """Return `{kind: [B, P, k]}` for images `[B, h, w, bands]`.

        In place of `box_raw` stands `box_ltrb`, the distances that it means: >= 0, in strides.
        """
        outputs = self.network(images, training=training)
        levels = [Level.of_stride(stride).name for stride in self.strides]
        raw = {
            kind: ops.concatenate(
                [_flat(outputs[tensor_name(level, kind)]) for level in levels], axis=1
            )
            for kind in self.kinds
        }
        box_raw = raw.pop("box_raw")
        return {**raw, "box_ltrb": ltrb.activate(box_raw)}

    def compile(self, optimizer="adam", assigner=None, loss=None, **kwargs):
        """Set how the model learns.

        Args:
            optimizer: A Keras optimizer.
            assigner: Turns ground truth, and raw predictions if it looks at them, into
                `Targets`; the model's own by default. It passes no gradient.
            loss: Turns raw predictions and `Targets` into `{term: scalar}`.
            **kwargs: Keras's own, such as `run_eagerly`.
        """
        super().compile(optimizer=optimizer, **kwargs)
        self.assigner = assigner or self.assigner
        self.detection_loss = loss or self.detection_loss
        self.means = Means(("loss", *self.detection_loss.terms))

    def get_compile_config(self):
        # A saved model is compiled anew: assigner and loss are no part of the file.
        return None

    @property
    def metrics(self):
        return self.means.metrics

    def train_step(self, batch):
        with tf.GradientTape() as tape:
            terms = self._terms(batch, training=True)
            loss = sum(terms.values())
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return self.means.update({"loss": loss, **terms})

    def test_step(self, batch):
        terms = self._terms(batch, training=False)
        return self.means.update({"loss": sum(terms.values()), **terms})

    def _terms(self, batch, training):
        raw = self(batch["images"], training=training)
        # Batches that do not say which classes were looked for mean all of them.
        every = ops.ones((ops.shape(batch["images"])[0], len(self.class_names)), "bool")
        truth = {"known": every, **batch}
        targets = self.assigner(truth, raw)
        return self.detection_loss(raw, targets)


def _flat(output):
    batch, height, width, channels = output.shape
    return ops.reshape(output, (-1, height * width, channels))
