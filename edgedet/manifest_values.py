"""What the values of a manifest may be: a file may be damaged, or written by hand."""

from __future__ import annotations

import math

# Pixels of a side, bands, strides and detections beyond which no interpreter has memory.
MOST = 65_536


def require_sound(manifest) -> None:
    """Check the values of a `Manifest`.

    Raises:
        ValueError: A value is none of its kind or out of its limits; the message names it.
    """
    for name in ("model", "precision", "trained_on"):
        _require(manifest, name, "a text", isinstance(getattr(manifest, name), str))
    size = manifest.input_size
    _require(manifest, "input_size", "two sides", len(size) == 2 and all(map(_count, size)))
    _require(manifest, "bands", "a count", _count(manifest.bands))
    for name in ("min_score", "iou_threshold"):
        _require(manifest, name, "0 to 1", _between(getattr(manifest, name), 0, 1))
    _require(manifest, "max_detections", "a count", _count(manifest.max_detections))
    _require(manifest, "box_voting", "true or false", isinstance(manifest.box_voting, bool))
    scale = manifest.box_std_scale
    _require(manifest, "box_std_scale", "a finite factor", _between(scale, 0, 1e6))
    named = bool(manifest.class_names) and _texts(manifest.class_names)
    _require(manifest, "class_names", "names", named)
    _require(manifest, "domain_classes", "names", all(map(_texts, manifest.domain_classes)))
    levels = manifest.levels
    sound = levels and all(isinstance(each.name, str) and _count(each.stride) for each in levels)
    _require(manifest, "levels", "names and strides", sound)


def require_sound_stage(stage) -> None:
    """Check the values of a `Stage`.

    Raises:
        ValueError: As `require_sound`.
    """
    _require(stage, "name", "a text", isinstance(stage.name, str))
    for name in ("inputs", "outputs"):
        _require(stage, name, "names", _texts(getattr(stage, name)))
    halo = stage.halo
    cells = halo is None or (len(halo) == 2 and all(_between(each, 0, MOST) for each in halo))
    _require(stage, "halo", "cells before and after", cells)
    _require(stage, "macs", "0 or more", _between(stage.macs, 0, math.inf))


def require_lists(fields: dict, names) -> None:
    """Check that JSON has lists where a manifest has them; a text would fall into its letters.

    Raises:
        ValueError: As `require_sound`.
    """
    for name in names:
        if not isinstance(fields.get(name, []), list):
            raise ValueError(f"{name}: expected a list, found {fields[name]!r}")


def _require(owner, name, expected, fits):
    if not fits:
        raise ValueError(f"{name}: expected {expected}, found {getattr(owner, name)!r}")


def _count(value):
    return type(value) is int and 1 <= value <= MOST


def _between(value, low, high):
    return type(value) in (int, float) and low <= value <= high and value < math.inf


def _texts(values):
    return isinstance(values, (tuple, list)) and all(isinstance(each, str) for each in values)
