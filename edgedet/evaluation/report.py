"""A report: one HTML file with every number and picture inside."""

from __future__ import annotations

import base64
import dataclasses
import html
import string
from collections.abc import Sequence
from pathlib import Path

from edgedet import files

PAGE = string.Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fafafa;
       max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { max-width: 46rem; margin: .4rem 0; }
table { border-collapse: collapse; margin: 1rem 0; background: white; }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .9rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
th { font-weight: 600; background: #f0f0f0; }
img { display: block; max-width: 100%; margin: .6rem 0; border-radius: 4px; }
footer { margin-top: 3rem; color: #777; font-size: .85rem; }
</style>
</head>
<body>
<h1>$title</h1>
<p>$summary</p>
$tables
$figures
<footer>$footer</footer>
</body>
</html>
""")

MIME = {".png": "image/png", ".jpg": "image/jpeg"}


@dataclasses.dataclass(frozen=True)
class Table:
    """Numbers for people.

    Attributes:
        head: Name of each column.
        rows: Cells, ready to be shown.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Figure:
    """A picture and what it shows.

    Attributes:
        title: A few words.
        text: One or two sentences.
        path: A PNG or JPEG file.
    """

    title: str
    text: str
    path: Path


def write_report(
    path: Path,
    title: str,
    summary: str,
    tables: Sequence[Table],
    figures: Sequence[Figure],
    footer: str,
) -> None:
    """Write a report that needs no other file.

    Args:
        path: The HTML file.
        title: Its heading.
        summary: What happened, in a sentence.
        tables: Shown first.
        figures: Shown after them, in this order.
        footer: Where the numbers were measured.

    Raises:
        OutputError: The file cannot be written.
    """
    page = PAGE.substitute(
        title=html.escape(title),
        summary=html.escape(summary),
        tables="\n".join(map(_table, tables)),
        figures="\n".join(map(_figure, figures)),
        footer=html.escape(footer),
    )
    files.write_text(path, page)


def _table(table):
    head = _row("th", table.head)
    return f"<table>\n{head}\n" + "\n".join(_row("td", row) for row in table.rows) + "\n</table>"


def _row(tag, cells):
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _figure(figure):
    picture = base64.b64encode(figure.path.read_bytes()).decode()
    title = html.escape(figure.title)
    return (
        f"<h2>{title}</h2>\n<p>{html.escape(figure.text)}</p>\n"
        f'<img alt="{title}" src="data:{MIME[figure.path.suffix]};base64,{picture}">'
    )
