"""Detector: how all three models learn. Nothing here knows which model it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf
from keras import ops

from edgedet.errors import ModelError
from edgedet.geometry import ltrb
from edgedet.losses import DetectionLoss
from edgedet.manifest import Level, Manifest, Stage
from edgedet.models.learner import Learner
from edgedet.models.means import Means
from edgedet.models.multi_scale import at_random_size, resized
from edgedet.models.shares import add_in_turns, add_over_replicas, replicas, reported
from edgedet.outputs import tensor_name
from edgedet.settings import Assignment, Loss
from edgedet.targets import ASSIGNERS


class Detector(Learner):
    """A dense detector: images in, one raw prediction per point out.

    Subclasses set `network`, a functional Keras model from float32 images `[B, h, w, bands]` in
    0..1 to `{tensor name: [B, h_level, w_level, k]}`, the facts that a manifest needs, and the
    class attributes `kinds` and `size_ranges`.

    Args:
        network: The functional network; it is what gets quantized and exported.
        input_size: (height, width) of the network input in pixels.
        strides: Stride of each level, finest first.
        class_names: Name of each label.
        replaced_by: A network that stands in for `network`; see `with_network`.
        box_voting: Whether reported boxes are means, where it is not as the model has it; see
            `Manifest.box_voting`.
        **kwargs: Keras's own.
    """

    # Per level, the smallest and largest object it answers for: the geometric mean of its sides
    # in pixels. Assigners that choose by size need it.
    size_ranges = ()
    # From which score on a device reports what it sees.
    min_score = 0.3
    # Whether reported boxes are means; see `Manifest.box_voting`.
    box_voting = False
    # How it learns unless `compile` says otherwise; the recipes of the model say the same.
    usual_assignment = Assignment()
    usual_loss = Loss()
    # What each level says; see `Manifest.kinds`.
    kinds = ("class_logits", "box_raw")
    # What a file of the model can be cut into, in order, so that videos are computed where
    # something happens; see `Manifest.stages`. Tensors are called by outputs of the network, or
    # by a layer that computes them.
    stages: tuple[Stage, ...] = ()

    def __init__(
        self,
        network,
        input_size,
        strides,
        class_names,
        replaced_by=None,
        box_voting=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if box_voting is not None:
            self.box_voting = box_voting
        self.network = network if replaced_by is None else replaced_by
        self.is_replaced = replaced_by is not None
        self.input_size = tuple(input_size)
        self.strides = tuple(strides)
        self.class_names = tuple(class_names)
        self.assigner = self.assigner_of(self.usual_assignment)
        self.detection_loss = DetectionLoss(**vars(self.usual_loss))
        self.accumulate = 1
        self.other_sizes = {}
        # So that a model that has seen no image can be saved too.
        self.build((None, *self.input_size, network.input_shape[-1]))

    def assigner_of(self, chosen: Assignment, input_size=None):
        """Return the assigner that the settings ask for, made for the model's levels.

        Args:
            chosen: The settings.
            input_size: (height, width), where it is not the model's own.
        """
        own = {"size_ranges": self.size_ranges} if chosen.assigner == "center" else {}
        if chosen.radius:
            own["radius"] = chosen.radius
        return ASSIGNERS[chosen.assigner](input_size or self.input_size, self.strides, **own)

    def with_network(self, network: keras.Model) -> Detector:
        """Return the same detector with another network, such as one made by `quantize_aware`.

        It learns with the same assigner and loss, is not compiled, and is saved with its network.

        Raises:
            ModelError: The network has other outputs.
        """
        if network.output_shape != self.network.output_shape:
            raise ModelError(
                f"{type(self).__name__}: expected a network with outputs "
                f"{self.network.output_shape}, found {network.output_shape}.\n"
                "Give a rewrite of the detector's own network."
            )
        other = type(self).from_config({**self.get_config(), "replaced_by": network})
        other.assigner, other.detection_loss = self.assigner, self.detection_loss
        return other

    def get_config(self):
        # Subclasses add what they are made of.
        config = {"name": self.name}
        # Only what is not as the class has it: subclasses of users' own need not know of it.
        if self.box_voting != type(self).box_voting:
            config["box_voting"] = self.box_voting
        if self.is_replaced:
            config["replaced_by"] = keras.saving.serialize_keras_object(self.network)
        return config

    @classmethod
    def from_config(cls, config):
        network = config.get("replaced_by")
        if isinstance(network, dict):
            network = keras.saving.deserialize_keras_object(network)
            config = {**config, "replaced_by": network}
        return cls(**config)

    def manifest(self, **changes) -> Manifest:
        """Return what a runtime must know about the model, with the fields in `changes`."""
        facts = {
            "model": type(self).__name__.lower(),
            "input_size": self.input_size,
            "class_names": self.class_names,
            "levels": tuple(Level.of_stride(stride) for stride in self.strides),
            "kinds": self.kinds,
            "bands": self.network.input_shape[-1],
            "min_score": self.min_score,
            "box_voting": self.box_voting,
        }
        return Manifest(**{**facts, **changes})

    def call(self, images, training=None):
        """Return `{kind: [B, P, k]}` for images `[B, h, w, bands]`.

        In place of `box_raw` stands `box_ltrb`, the distances that it means: >= 0, in strides.
        """
        # A network refuses images of another size, but its layers take them as they come.
        other = training and tuple(images.shape[1:3]) in self.other_sizes
        outputs = (self.network.call if other else self.network)(images, training=training)
        levels = [Level.of_stride(stride).name for stride in self.strides]
        raw = {
            kind: ops.concatenate(
                [_flat(outputs[tensor_name(level, kind)]) for level in levels], axis=1
            )
            for kind in self.kinds
        }
        box_raw = raw.pop("box_raw")
        return {**raw, "box_ltrb": ltrb.activate(box_raw)}

    def compile(
        self,
        optimizer="adam",
        assigner=None,
        loss=None,
        accumulate=1,
        other_sizes: Mapping[tuple[int, int], Callable] | None = None,
        **kwargs,
    ):
        """Set how the model learns.

        Args:
            optimizer: A Keras optimizer.
            assigner: Turns ground truth, and raw predictions if it looks at them, into
                `Targets`; the model's own by default. It passes no gradient.
            loss: Turns raw predictions and `Targets` into sums by term and the number of
                positive points, see `DetectionLoss.sums`.
            accumulate: Equal parts of a batch that are computed one after another; more need
                less memory. The step is that of the whole batch, but for batch norm, which sees
                parts.
            other_sizes: (height, width) -> assigner: sizes that some batches are seen at while
                training, see `multi_scale`.
            **kwargs: Keras's own, such as `run_eagerly`.
        """
        super().compile(optimizer=optimizer, **kwargs)
        self.assigner = assigner or self.assigner
        self.detection_loss = loss or self.detection_loss
        self.accumulate = accumulate
        self.other_sizes = dict(other_sizes or {})
        self.means = Means(("loss", *self.detection_loss.terms_for(self.kinds)))

    def fit(self, x=None, *args, shuffle=None, **kwargs):
        """Train as any Keras model; batches of a tf.data come in an order of their own."""
        if shuffle is None:
            # Keras would warn that it cannot shuffle them.
            shuffle = not isinstance(x, tf.data.Dataset)
        return super().fit(x, *args, shuffle=shuffle, **kwargs)

    def get_compile_config(self):
        # A saved model is compiled anew: assigner and loss are no part of the file.
        return None

    def train_step(self, batch):
        """Learn from a batch, or on each of several replicas from its share of one.

        Terms and gradient are divided by the positive points of the whole batch. Keras adds up
        the gradients of replicas, which here are equal already, so each gives an equal part;
        an optimizer's clipping sees that part.
        """
        shares = add_in_turns(self._gradients, batch, self.accumulate, self._no_gradients)
        sums, positives, gradients = add_over_replicas(shares)
        positives = ops.maximum(positives, 1.0)
        parts = positives * replicas()
        self.optimizer.apply([part / parts for part in gradients], self.trainable_variables)
        return self._report(sums, positives)

    def test_step(self, batch):
        sums, positives = add_over_replicas(self._sums(batch, training=False))
        return self._report(sums, ops.maximum(positives, 1.0))

    def _gradients(self, batch):
        """Return the terms' sums, the number of positive points, and the sums' gradient."""
        with tf.GradientTape() as tape:
            sums, positives = self._sums(batch, training=True)
            scaled = self.optimizer.scale_loss(sum(sums.values()))
        variables = self.trainable_variables
        pairs = zip(tape.gradient(scaled, variables), variables, strict=True)
        # What no term looks at yet, such as an output whose loss comes later, stays as it is.
        return sums, positives, [_zeros(each) if own is None else own for own, each in pairs]

    def _no_gradients(self):
        """Return what `_gradients` does of no image."""
        terms = self.detection_loss.terms_for(self.kinds)
        return dict.fromkeys(terms, 0.0), 0.0, [_zeros(each) for each in self.trainable_variables]

    def _sums(self, batch, training):
        if not training or not self.other_sizes:
            return self._sums_of(batch, self.assigner, training)
        sizes = [self.input_size, *self.other_sizes]
        return at_random_size(
            self.optimizer.iterations, sizes, lambda size: self._sums_at(batch, size)
        )

    def _sums_at(self, batch, size):
        if size == self.input_size:
            return self._sums_of(batch, self.assigner, True)
        return self._sums_of(resized(batch, size), self.other_sizes[size], True)

    def _sums_of(self, batch, assigner, training):
        raw = self(batch["images"], training=training)
        # Batches that do not say which classes were looked for mean all of them.
        every = ops.ones((ops.shape(batch["images"])[0], len(self.class_names)), "bool")
        targets = assigner({"known": every, **batch}, raw)
        return self.detection_loss.sums(raw, targets)

    def _report(self, sums, positives):
        terms = {name: value / positives for name, value in sums.items()}
        return reported(self.means.update({"loss": sum(terms.values()), **terms}))


def _zeros(variable):
    return tf.zeros(variable.shape, variable.dtype)


def _flat(output):
    batch, height, width, channels = output.shape
    # Losses and boxes need more digits than a network of mixed precision gives.
    return ops.cast(ops.reshape(output, (-1, height * width, channels)), "float32")
