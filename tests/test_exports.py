"""The figures beside the files that ship are those of the files."""

import re
from pathlib import Path

import pytest

from edgedet.runtime.measure.footprint import footprints

EXPORTS = Path(__file__).parents[1] / "exports"
# What the rows of the tables in exports/README.md begin with.
ROWS = ("bytes", "parameters", "multiplications")


def tables():
    """Yield (file, {first word of a row: its number}) of every file that heads a column."""
    text = (EXPORTS / "README.md").read_text()
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
        for column, name in enumerate(lines[0]):
            path = EXPORTS / f"{name}.tflite"
            if path.is_file():
                found = {line[0].partition(",")[0]: line[column] for line in lines[2:]}
                yield path, {row: int(found[row].replace(",", "")) for row in ROWS if row in found}


@pytest.mark.parametrize(
    ("path", "said"), [*tables()], ids=lambda value: getattr(value, "stem", "said")
)
def test_the_card_says_what_the_file_is(path, said):
    (footprint,) = footprints([path])
    size = footprint.int8_bytes or footprint.float_bytes
    assert size == path.stat().st_size
    true = {"bytes": size, "parameters": footprint.parameters, "multiplications": footprint.macs}
    assert said == true


def test_every_detector_has_its_card():
    assert {path.stem for path, _ in tables()} >= {
        f"{model}-{precision}"
        for model in ("phantom-128", "nexus-320", "nightvision-320")
        for precision in ("int8", "float")
    }
