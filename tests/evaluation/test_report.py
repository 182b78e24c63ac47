import base64
import re

import pytest

from edgedet.errors import OutputError
from edgedet.evaluation.report import Figure, Table, write_report

PIXEL = b"\x89PNG and so on"


@pytest.fixture
def figure(tmp_path):
    (tmp_path / "one.png").write_bytes(PIXEL)
    return Figure("A <picture>", "It shows A & B.", tmp_path / "one.png")


def write(path, figure):
    table = Table(("name", "value"), [("a < b", "1"), ("c", "2")])
    write_report(path, "Title", "Summary.", [table], [figure], "Footer.")


def test_pictures_are_inside(tmp_path, figure):
    write(tmp_path / "report.html", figure)
    page = (tmp_path / "report.html").read_text()
    sources = re.findall(r'src="([^"]*)"', page)
    assert sources == ["data:image/png;base64," + base64.b64encode(PIXEL).decode()]
    # Nothing is fetched from elsewhere.
    assert "http" not in page
    assert "href" not in page


def test_text_is_escaped(tmp_path, figure):
    write(tmp_path / "report.html", figure)
    page = (tmp_path / "report.html").read_text()
    assert "<td>a &lt; b</td><td>1</td>" in page
    assert "A &lt;picture&gt;" in page
    assert "A &amp; B" in page


def test_a_folder_that_cannot_be_written_is_named(tmp_path, figure):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file/report\.html"):
        write(tmp_path / "file" / "report.html", figure)
