"""NightVision: warm objects in thermal frames of any number of bands.

One network serves all presets; they differ in what is found, in how many bands, and in the size
of the input. See `nightvision_network` for how it is made and why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import keras

from edgedet.errors import ModelError
from edgedet.models.blocks import ACTIVATION
from edgedet.models.detector import Detector
from edgedet.models.nightvision_network import STRIDES, build_network
from edgedet.settings import Assignment, Loss
from edgedet.thermal import Normalization

CLASS_NAMES = ("person", "vehicle", "bicycle", "animal")
# The usual: the limits of each frame are found in the frame.
NORMALIZATION = Normalization()


@keras.saving.register_keras_serializable(package="edgedet")
class NightVision(Detector):
    """Finds warm objects, from about 4 pixels of the network input up.

    Args:
        class_names: What is found.
        input_size: (height, width) of the network input.
        bands: Channels of a frame.
        normalization: How counts become grey levels; a `Normalization` or a dict of its fields.
        adaptive: Let the stem scale its channels by what it sees of the whole frame.
        domains: Tell the domain of a frame and of each object, and learn for each domain. `True`,
            or for each domain the names of the classes that it holds: see `domain_classes` of
            `Manifest`.
        activation: Of all layers; `relu6` is the one that 8 bits cover.
        **kwargs: Those of `Detector`.

    Raises:
        ModelError: The input has no pixels or no bands.
    """

    # The ranges overlap: an object between two levels is learned by both.
    size_ranges = ((0.0, 20.0), (14.0, 56.0), (40.0, float("inf")))
    kinds = ("class_logits", "box_raw", "objectness_logits")
    # Each weighs as its score; on the val part AP .308 -> .329, AP at overlap .75 .250 -> .325.
    box_voting = True
    # As YOLOX, whose heads it has (Ge et al. 2021, https://arxiv.org/abs/2107.08430).
    usual_assignment = Assignment("simota")
    usual_loss = Loss("bce", "ciou", box_weight=5.0)

    def __init__(
        self,
        class_names=CLASS_NAMES,
        input_size=(320, 320),
        bands=1,
        normalization=NORMALIZATION,
        adaptive=True,
        domains=False,
        activation=ACTIVATION,
        **kwargs,
    ):
        _check(input_size, bands)
        if domains:
            # Before Keras's own set-up, which builds the model and so asks for them.
            self.kinds = (*self.kinds, "domain_logits")
        network = build_network(
            (*input_size, bands), len(class_names), self.kinds, adaptive, activation
        )
        super().__init__(network, input_size, STRIDES, class_names, **kwargs)
        self.normalization = _normalization(normalization)
        self.adaptive = adaptive
        self.domains = domains if isinstance(domains, bool) else tuple(map(tuple, domains))
        self.activation = activation

    @classmethod
    def wildlife(cls, num_classes) -> NightVision:
        """Return a detector of so many kinds of animals."""
        return cls(_numbered(num_classes), name="nightvision_wildlife")

    @classmethod
    def human(cls) -> NightVision:
        """Return a detector of people."""
        return cls(("person",), name="nightvision_human")

    @classmethod
    def interstellar(cls, num_classes, bands) -> NightVision:
        """Return a detector of point sources in frames of so many bands.

        Boxes of three pixels become worse by averaging, so it reports the surest ones.
        """
        names = ("point_source",) if num_classes == 1 else _numbered(num_classes)
        return cls(names, bands=bands, box_voting=False, name="nightvision_interstellar")

    @classmethod
    def vehicle(cls, num_classes) -> NightVision:
        """Return a detector of so many kinds of vehicles."""
        return cls(_numbered(num_classes), name="nightvision_vehicle")

    @classmethod
    def multi_domain(cls, num_classes) -> NightVision:
        """Return a detector that tells domains apart and learns for each."""
        return cls(_numbered(num_classes), domains=True, name="nightvision_multi_domain")

    @classmethod
    def edge(cls, num_classes) -> NightVision:
        """Return a detector for the smallest boards: 256x256 pixels."""
        return cls(_numbered(num_classes), (256, 256), name="nightvision_edge")

    def manifest(self, **changes):
        classes = () if isinstance(self.domains, bool) else self.domains
        facts = {"thermal": self.normalization, "domain_classes": classes}
        return super().manifest(**{**facts, **changes})

    def get_config(self):
        return {
            **super().get_config(),
            "class_names": self.class_names,
            "input_size": self.input_size,
            "bands": self.network.input_shape[-1],
            "normalization": dataclasses.asdict(self.normalization),
            "adaptive": self.adaptive,
            "domains": self.domains,
            "activation": self.activation,
        }


def _check(input_size, bands):
    if min(*input_size, bands) < 1:
        raise ModelError(
            f"NightVision: expected an input of one pixel and one band at least, found "
            f"{' x '.join(map(str, input_size))} with {bands}.\nChoose another, such as 320 x 320."
        )


def _normalization(settings):
    return settings if isinstance(settings, Normalization) else Normalization.of(settings)


def _numbered(num_classes) -> Sequence[str]:
    return tuple(f"class {number}" for number in range(num_classes))
