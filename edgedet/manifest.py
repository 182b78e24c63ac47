"""The manifest: the contract between an export and the runtime, carried in the .tflite.

It is one JSON in a zip that is appended to the file, as the TFLite metadata convention does it:
interpreters ignore it, any zip tool reads it, and a model stays one file.
"""

from __future__ import annotations

import dataclasses
import json
import zipfile
from pathlib import Path

from edgedet import outputs
from edgedet.errors import DAMAGE, ManifestError
from edgedet.manifest_values import require_lists, require_sound, require_sound_stage
from edgedet.tflite_head import require_tflite
from edgedet.thermal import Normalization

# The name of the JSON inside the zip.
ENTRY = "edgedet.json"
# Raised when a field changes its meaning. New fields leave it: a runtime passes over what it does
# not know.
FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Level:
    """One feature map that answers: its name (P2 has stride 4) and its stride in pixels."""

    name: str
    stride: int

    @classmethod
    def of_stride(cls, stride: int) -> Level:
        """Return the level whose cells are `stride` pixels wide: P*n* has stride 2**n.

        Raises:
            ValueError: `stride` is no power of two.
        """
        if stride < 1 or stride & (stride - 1):
            raise ValueError(f"stride: expected a power of two, received {stride}.")
        return cls(f"p{stride.bit_length() - 1}", stride)


@dataclasses.dataclass(frozen=True)
class Stage:
    """A part of the network that can be run by itself.

    Attributes:
        name: Of its signature in the model file.
        inputs: Names of the tensors that it takes: `images`, or outputs of other stages.
        outputs: Names of the tensors that it gives: heads, or what other stages take.
        halo: Cells (before, after) a window, of the coarsest tensor, that must be computed with
            it because padding spoils them; `None` for a stage that looks at the whole image.
        macs: Multiplications of running it whole.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    halo: tuple[int, int] | None = None
    macs: int = 0

    def __post_init__(self):
        require_sound_stage(self)

    @classmethod
    def of(cls, fields: dict) -> Stage:
        """Return the stage that JSON wrote down, without what this version does not know."""
        known = _known(cls, fields)
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        return cls(**{**known, **lists})


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What a runtime must know to feed a model and to decode its outputs.

    Attributes:
        model: Name of the detector: `phantom`, `nexus` or `nightvision`.
        input_size: (height, width) of the network input.
        bands: Channels of the network input: 3 for colour.
        class_names: Name of each label.
        levels: Feature maps, finest first.
        kinds: What each level says, names of `outputs.KINDS`; tensor `p3_box_raw` is the box
            output of level P3.
        min_score: Detections below it are not reported; raise it for fewer false alarms.
        iou_threshold: Of two boxes of one class that overlap more, the better one stays.
        max_detections: At most so many are reported for an image.
        box_voting: Average each reported box with those that it suppressed.
        box_std_scale: The standard deviations that the network estimates are multiplied by it,
            so that they are as large as its errors are; 1 takes them as they are.
        domain_classes: Names of the classes that each domain of `outputs.DOMAINS` holds; a
            detection of another class is as much less likely as the domain is likely. None for a
            model that finds every class in every domain.
        precision: `float`, `float16` or `int8`.
        trained_on: What the weights learned from, in words.
        thermal: How a thermal sensor's counts become the grey levels of the input; `None` for a
            model that sees ordinary images.
        stages: Parts of the network that a video runs where something happens, in order; none
            for a file that can only be run whole.
        format: Version of this contract.

    Raises:
        ValueError: A value is none of its kind or out of its limits.
    """

    model: str
    input_size: tuple[int, int]
    class_names: tuple[str, ...]
    levels: tuple[Level, ...]
    kinds: tuple[str, ...] = ("class_logits", "box_raw")
    bands: int = 3
    min_score: float = 0.3
    iou_threshold: float = 0.5
    max_detections: int = 100
    box_voting: bool = False
    box_std_scale: float = 1.0
    domain_classes: tuple[tuple[str, ...], ...] = ()
    precision: str = "float"
    trained_on: str = ""
    thermal: Normalization | None = None
    stages: tuple[Stage, ...] = ()
    format: int = FORMAT

    def __post_init__(self):
        outputs.check(self.kinds)
        require_sound(self)

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Return the manifest inside the model file `path`.

        Raises:
            ManifestError: The file is missing, no .tflite, carries no manifest, one of another
                version or one that promises outputs of an unknown kind.
        """
        require_tflite(path, ManifestError)
        try:
            with zipfile.ZipFile(path) as archive:
                fields = json.loads(archive.read(ENTRY))
        except (*DAMAGE, KeyError, ValueError, OSError) as error:
            raise ManifestError(
                f"{path} carries no edgedet manifest, so its outputs cannot be decoded.\n"
                "Export the model with `edgedet export`, which writes one at the end of the file; "
                "if that is done, the file is cut short: copy it again."
            ) from error
        return cls._from_fields(path, fields)

    def append_to(self, path: Path) -> None:
        """Append this manifest to the model file `path`, which must carry none yet.

        Raises:
            ValueError: The file carries a manifest already.
        """
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            if ENTRY in archive.namelist():
                raise ValueError(f"{path} carries a manifest already.")
            # A fixed date: the same model gives the same bytes.
            entry = zipfile.ZipInfo(ENTRY, date_time=(2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, self.to_json())

    def to_json(self) -> str:
        """Return the manifest as compact JSON."""
        return json.dumps(dataclasses.asdict(self), separators=(",", ":"))

    def tensor(self, level: Level, kind: str) -> str:
        """Return the name of the output of `kind` on `level`."""
        return outputs.tensor_name(level.name, kind)

    @property
    def tensors(self) -> list[str]:
        """The names of all outputs, level by level."""
        return [self.tensor(level, kind) for level in self.levels for kind in self.kinds]

    @classmethod
    def _from_fields(cls, path, fields):
        found = fields.get("format") if isinstance(fields, dict) else None
        if found != FORMAT:
            raise ManifestError(
                f"{path}: expected manifest format {FORMAT}, found {found!r}.\n"
                "Export the model again with this version of edgedet, or update the runtime."
            )
        thermal = fields.get("thermal")
        try:
            require_lists(fields, ("class_names", "kinds", "levels", "domain_classes", "stages"))
            return cls(
                **{
                    **_known(cls, fields),
                    "input_size": tuple(fields["input_size"]),
                    "class_names": tuple(fields["class_names"]),
                    "kinds": tuple(fields["kinds"]),
                    "levels": tuple(Level(**_known(Level, level)) for level in fields["levels"]),
                    "thermal": thermal and Normalization.of(thermal),
                    "domain_classes": tuple(map(tuple, fields.get("domain_classes", ()))),
                    "stages": tuple(map(Stage.of, fields.get("stages", ()))),
                }
            )
        except (AttributeError, TypeError, KeyError, ValueError) as error:
            raise ManifestError(
                f"{path}: the manifest does not have the expected fields ({error}).\n"
                "Export the model again with this version of edgedet."
            ) from error


def _known(kind, fields):
    """Return the fields that this version knows; a newer one may have written more."""
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in fields.items() if name in names}
