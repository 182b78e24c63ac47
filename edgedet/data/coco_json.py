"""Loading a COCO JSON, and saying what is wrong with one."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

from edgedet.errors import AnnotationError

# HIT-UAV's own files say `annotation`.
ANNOTATION_KEYS = ("annotations", "annotation")


@dataclasses.dataclass(frozen=True)
class CocoJson:
    """The three lists of a COCO JSON, each of dicts, otherwise unchecked."""

    images: list[dict]
    categories: list[dict]
    annotations: list[dict]


def load(path: Path) -> CocoJson:
    """Return the lists of a COCO JSON, without the outlines of its objects.

    Raises:
        AnnotationError: The file is missing, damaged or no COCO JSON.
    """
    content = _parse(path)
    if not isinstance(content, dict):
        raise _no_coco(path, f"a {type(content).__name__}")
    annotations = next((key for key in ANNOTATION_KEYS if key in content), ANNOTATION_KEYS[0])
    lists = [content.get(key) for key in ("images", "categories", annotations)]
    if not all(isinstance(entries, list) for entries in lists):
        raise _no_coco(path, f"the keys {', '.join(map(repr, list(content)[:10])) or '(none)'}")
    for key, entries in zip(("images", "categories", annotations), lists, strict=True):
        for place, entry in enumerate(entries):
            if not isinstance(entry, dict):
                raise unfit(path, key, place, "an object {...}", entry)
    return CocoJson(*lists)


def number(value) -> bool:
    """Return whether a value of the JSON is a finite number."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def unfit(path: Path, key: str, place: int, expected: str, found) -> AnnotationError:
    """Return the error for an entry of the list `key` that is not as expected."""
    text = json.dumps(found, ensure_ascii=False)
    return AnnotationError(
        f"{path}: {key}[{place}]: expected {expected}, "
        f"found {text if len(text) <= 160 else text[:160] + '...'}.\n"
        "Repair the entry or remove it."
    )


def unfit_annotation(path: Path, place: int, entry: dict, images, labels) -> AnnotationError:
    """Return the error for an annotation that cannot be an object in an image.

    Args:
        path: The JSON.
        place: Of the annotation in its list.
        entry: The annotation.
        images: The ids that `images` lists.
        labels: The ids that `categories` lists.
    """
    box = entry.get("bbox")
    if not (isinstance(box, list) and len(box) == 4 and all(map(number, box))):
        expected = "a `bbox` of four numbers, x, y, width, height"
    elif not _is_in(entry.get("image_id"), images):
        expected = f"an `image_id` that `images` lists, not {entry.get('image_id')!r}"
    elif not _is_in(entry.get("category_id"), labels):
        expected = f"a `category_id` that `categories` lists, not {entry.get('category_id')!r}"
    else:
        expected = "`area` as a number and `iscrowd` as 0 or 1"
    return unfit(path, "annotations", place, expected, entry)


def _parse(path: Path):
    try:
        # A byte order mark, as some editors write it, is no part of the JSON.
        with open(path, encoding="utf-8-sig") as file:
            return json.load(file, object_hook=_without_outline)
    except FileNotFoundError as error:
        raise AnnotationError(f"{path}: there is no such file.\nCheck the path.") from error
    except json.JSONDecodeError as error:
        raise AnnotationError(
            f"{path}:{error.lineno}: expected COCO JSON, found a file that is no JSON or breaks "
            f"off ({error.msg} at column {error.colno}).\nDownload or write the file again."
        ) from error
    except (UnicodeDecodeError, RecursionError, OSError) as error:
        raise AnnotationError(
            f"{path}: expected COCO JSON, found a file that cannot be read as text ({error}).\n"
            "Download or write the file again."
        ) from error


def _without_outline(entry: dict) -> dict:
    # Outlines are nine tenths of COCO's file; letting go of each at once saves gigabytes.
    entry.pop("segmentation", None)
    return entry


def _no_coco(path, found) -> AnnotationError:
    return AnnotationError(
        f"{path}: expected COCO JSON, an object with the lists 'images', 'annotations' and "
        f"'categories', found {found}.\nName an annotation file such as instances_val2017.json."
    )


def _is_in(value, ids) -> bool:
    return isinstance(value, int) and value in ids
