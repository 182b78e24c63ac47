"""MOT sequences: a folder of numbered frames, and a text with the boxes and who each of them is.

The format of MOTChallenge, Leal-Taixé et al. 2015, https://arxiv.org/abs/1504.01942:

    NAME/img1/000001.jpg   the frames, numbered from 1
    NAME/gt/gt.txt         what is in them; see `mot_truth`
    NAME/seqinfo.ini       facts of the sequence
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Sequence
from pathlib import Path

from edgedet.data.mot_truth import PEDESTRIAN, MotTruth
from edgedet.data.record import Dataset
from edgedet.data.sets.combine import combine
from edgedet.data.splits import VAL
from edgedet.errors import AnnotationError, DataError

FRAMES, TRUTH, FACTS = "img1", "gt/gt.txt", "seqinfo.ini"
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
# What a sequence shows where nothing says it, as in MOTChallenge.
USUAL_CLASS = "person"
FACE = "face"


def splits(root: Path) -> tuple[str, ...]:
    """Return `val` alone for a sequence or a folder of them: they are there to evaluate on."""
    return (VAL,) if _folders(Path(root)) else ()


def read(root: Path, split: str = VAL) -> Dataset:
    """Return the frames of all sequences in `root`; each record names its sequence as its set.

    Args:
        root: A sequence, or a folder of sequences.
        split: All of the folder, whatever its name.

    Raises:
        DataError: There is no sequence, or one without frames.
        AnnotationError: A text is damaged.
    """
    return combine(read_sequences(root))


def read_sequences(root: Path, names: Sequence[str] = ()) -> list[Dataset]:
    """Return the sequences in `root`, each with the one class that it shows.

    The class is what `class=NAME` in seqinfo.ini says; without it, `face` where the name of the
    sequence has that word, and else `person`, as in MOTChallenge.

    Args:
        root: A sequence, or a folder of sequences.
        names: Those to read, by the names of their folders; none means all.

    Raises:
        DataError: There is no such sequence, or one without frames.
        AnnotationError: A text is damaged.
    """
    root = Path(root)
    offered = {folder.absolute().name: folder for folder in _folders(root)}
    unknown = [name for name in names if name not in offered]
    if unknown or not offered:
        raise DataError(
            f"{root}: expected {', '.join(unknown) or 'sequences'} in the MOT layout "
            f"({FRAMES}/, {TRUTH}, {FACTS}), found {', '.join(offered) or 'none'}.\n"
            "Name a sequence folder, or the folder that holds the sequences."
        )
    return [_read_sequence(name, offered[name]) for name in names or offered]


def _folders(root: Path) -> list[Path]:
    if _is_sequence(root):
        return [root]
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if _is_sequence(folder))


def _is_sequence(folder: Path) -> bool:
    return (folder / FRAMES).is_dir() and (folder / TRUTH).is_file()


def _read_sequence(name: str, folder: Path) -> Dataset:
    images = _images(folder)
    truth = MotTruth(folder / TRUTH)
    truth.require_frames(images)
    records = [truth.record(number, image, name) for number, image in sorted(images.items())]
    return Dataset(records, (_class_name(name, folder / FACTS),), (PEDESTRIAN,), str(folder))


def _images(folder: Path) -> dict[int, Path]:
    """Return the image of each frame number."""
    files = (path for path in (folder / FRAMES).iterdir() if path.suffix.lower() in SUFFIXES)
    images = {int(path.stem): path for path in files if path.stem.isdigit()}
    if not images:
        raise DataError(
            f"{folder / FRAMES}: expected numbered images such as 000001.jpg, found none.\n"
            "Unpack the frames of the sequence there."
        )
    return images


def _class_name(name: str, facts: Path) -> str:
    parser = configparser.ConfigParser()
    try:
        parser.read(facts, "utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise AnnotationError(
            f"{facts}: expected facts of a sequence, as in [Sequence] and name=VALUE lines "
            f"({reason}).\nDownload the file again, or remove it."
        ) from error
    words = re.split(r"[^a-z]+", name.lower())
    guess = FACE if FACE in words else USUAL_CLASS
    return parser.get("Sequence", "class", fallback=guess)
