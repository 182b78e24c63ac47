import sys

import pytest

from edgedet.cli.progress import show_progress


@pytest.mark.parametrize(
    ("terminal", "said"),
    [
        (False, "3 of 3 images\n"),
        (True, "\r0 of 3 images\r1 of 3 images\r2 of 3 images\r3 of 3 images\n"),
    ],
)
def test_a_log_gets_one_line_and_a_terminal_one_that_changes(terminal, said, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert list(show_progress(["a", "b", "c"])) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", said)
