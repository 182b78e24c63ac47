"""How records are fed to a network: which part is shown, how large, and how it is changed."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from edgedet.settings.setting import Settings, number, switch

ANY = float("inf")


@dataclasses.dataclass(frozen=True)
class Zoom(Settings):
    """Views that give a random object a chosen size; see `edgedet.data.augment.zoom`."""

    prefix: ClassVar[str] = "zoom"

    probability: float = number(
        0.7, 0, 1, "Share of samples that zoom to an object; the rest show the whole image."
    )
    smallest: float = number(
        5.0, 1e-6, ANY, "Smallest side that the chosen object gets, in input pixels."
    )
    largest: float = number(
        110.0, 1e-6, ANY, "Largest side that the chosen object gets, in input pixels."
    )
    enlargement: float = number(
        2.5, 1, ANY, "Source pixels are never drawn larger than this; more only blurs."
    )
    jitter: float = number(
        1.3, 1, ANY, "Largest factor by which a whole view is scaled up or down."
    )
    stretch: float = number(1.1, 1, ANY, "Largest factor between the two axes.")

    def __post_init__(self):
        super().__post_init__()
        if self.smallest > self.largest:
            raise self.refuse("smallest", f"at most {self.flag('largest')}, {self.largest:g}")


@dataclasses.dataclass(frozen=True)
class Photometric(Settings):
    """How strongly colours and light are changed; 0 switches a change off."""

    brightness: float = number(0.25, 0, 1, "Largest relative change of brightness.")
    contrast: float = number(
        0.35, 0, 1, "Largest relative change of contrast, around the mean of the image."
    )
    saturation: float = number(0.4, 0, 1, "Largest relative change of colourfulness.")
    tint: float = number(0.08, 0, 1, "Largest relative change of one channel against the others.")
    grey: float = number(
        0.1, 0, 1, "Share of images that lose their colours, as night cameras' and old photographs."
    )
    noise: float = number(0.03, 0, 1, "Largest standard deviation of sensor noise, of 1.")


@dataclasses.dataclass(frozen=True)
class ThermalAugmentation(Settings):
    """What sensors of heat do to their images; 0 switches a change off."""

    prefix: ClassVar[str] = "thermal"

    invert: float = number(
        0.0, 0, 1, "Share of images whose dark and bright are exchanged: hot is black on some."
    )
    drift: float = number(
        0.0, 0, 1, "Largest change of gain, and of offset of 1, from corner to corner of an image."
    )
    stripes: float = number(
        0.0, 0, 1, "Largest standard deviation of the offsets of rows and columns, of 1."
    )
    dead: float = number(0.0, 0, 1, "Largest share of dead pixels, black or white, in an image.")


@dataclasses.dataclass(frozen=True)
class Feeding(Settings):
    """How records are fed to a network in training."""

    zoom: Zoom = Zoom()
    photometric: Photometric = Photometric()
    thermal: ThermalAugmentation = ThermalAugmentation()
    flip: float = number(0.5, 0, 1, "Share of samples that are mirrored left to right.")
    mosaic: float = number(0.0, 0, 1, "Share of samples that are put together of four.")
    mixup: float = number(0.0, 0, 1, "Share of samples through which another one shows.")
    copy_paste: float = number(
        0.0, 0, 1, "Share of samples onto which objects of others are pasted."
    )
    plain_epochs: int = number(
        10, 0, ANY, "Last epochs, without mosaic, mixup and copy-paste: images as they will be."
    )
    cutout: float = number(0.0, 0, 1, "Share of samples that lose a rectangle to grey.")
    blur: float = number(
        0.0, 0, 2, "Largest blur, as the standard deviation of its kernel in input pixels."
    )
    balance: float = number(
        0.0,
        0,
        1,
        "Classes that a smaller share of the images have are shown more often; 0 shows every "
        "image once an epoch.",
    )
    multi_scale: float = number(
        0.0, 0, 0.5, "Largest share by which the input's size changes from step to step."
    )
    min_side: float = number(
        4.0, 0, ANY, "Smaller objects, at input scale in pixels, are ignored, not background."
    )
    max_objects: int = number(100, 1, ANY, "At most so many objects an image, the largest.")
    cache: bool = switch(
        False, "Keep decoded images in memory, 4 bytes a colour pixel, where they fit."
    )
