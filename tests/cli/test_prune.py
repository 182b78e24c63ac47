"""What `edgedet prune` refuses before it works for minutes."""

import pytest

from edgedet.cli.main import main


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "one of the arguments --channels --magnitude is required"),
        (["--channels", "0.1", "--magnitude", "0.5"], "not allowed with"),
        (["--channels", "0"], "expected a number above 0 and below 1, found '0'"),
        (["--magnitude", "1"], "expected a number above 0 and below 1, found '1'"),
        (["--channels", "0.1", "--epochs", "0"], "expected a whole number, 1 or more"),
        (["--channels", "0.1", "--rate", "2"], "expected 0 to 1, found '2'"),
    ],
)
def test_wrong_usage(words, message, capsys):
    assert main(["prune", "run", "out", *words]) == 2
    assert message in capsys.readouterr().err


def test_a_run_is_needed(tmp_path, capsys):
    assert main(["prune", str(tmp_path / "run"), str(tmp_path / "out"), "--channels", "0.1"]) == 1
    assert "expected a run folder" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
