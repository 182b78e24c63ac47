import logging
import subprocess
import sys

import pytest

from edgedet.cli import main as cli
from edgedet.cli.main import COMMANDS, main
from edgedet.errors import DataError


@pytest.fixture
def command(monkeypatch):
    """Put a command called `demo` in place that does what it is given."""

    def make(action):
        module = type(sys)("fake_command")
        module.HELP = "Does it."
        module.add_arguments = lambda parser: parser.add_argument("--flag", action="store_true")
        module.run = lambda args: action()
        monkeypatch.setitem(sys.modules, "fake_command", module)
        monkeypatch.setitem(COMMANDS, "demo", "fake_command")

    return make


def fails_with(error):
    def action():
        raise error

    return action


@pytest.mark.parametrize(("answer", "status"), [(None, 0), (0, 0), (1, 1), (True, 1)])
def test_a_command_may_return_its_status(command, answer, status):
    command(lambda: answer)
    assert main(["demo"]) == status


def test_a_failure_is_its_message_alone(command, capsys):
    command(fails_with(DataError("faces/: expected images.\nCheck the path.")))
    assert main(["demo"]) == 1
    said = capsys.readouterr()
    assert said.err == "edgedet: faces/: expected images.\nCheck the path.\n"
    assert said.out == ""


@pytest.mark.parametrize(
    ("package", "extra"),
    [("tensorflow", "train"), ("keras.src", "train"), ("pycocotools", "train"), ("av", "video")],
)
def test_a_missing_package_is_named_with_its_extra(command, capsys, package, extra):
    command(fails_with(ModuleNotFoundError("none", name=package)))
    assert main(["demo"]) == 1
    said = capsys.readouterr().err
    assert package in said
    assert f"pip install 'edgedet[{extra}]'" in said


def test_a_broken_import_of_ours_is_not_hidden(command):
    command(fails_with(ImportError("cannot import name", name="edgedet.geometry")))
    with pytest.raises(ImportError, match="cannot import name"):
        main(["demo"])


def test_a_command_that_is_not_there(monkeypatch, capsys):
    monkeypatch.setitem(COMMANDS, "demo", "edgedet.cli.not_there")
    assert main(["demo"]) == 1
    assert "no `not_there`" in capsys.readouterr().err
    # It does not stop the others, nor the help.
    assert main(["--help"]) == 0
    assert "detect" in capsys.readouterr().out


def test_ctrl_c(command):
    command(fails_with(KeyboardInterrupt()))
    assert main(["demo"]) == 130


def test_a_disk_that_is_full(command, capsys):
    command(fails_with(OSError(28, "No space left on device", "out.json")))
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == (
        "edgedet: out.json: No space left on device.\n"
        "Check that it exists, may be read or written, and has space left.\n"
    )


def test_a_system_that_refuses_without_a_name(command, capsys):
    command(fails_with(OSError(28, "No space left on device")))
    assert main(["demo"]) == 1
    said = "the system refused something: No space left on device.\nCheck that the disk has"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["nonsense"], ["demo", "--wrong"], ["detect"]])
def test_wrong_usage(command, capsys, argv):
    command(lambda: None)
    assert main(argv) == 2
    said = capsys.readouterr().err
    assert said.startswith("edgedet") and "--help`." in said
    # The usage of some commands fills a screen.
    assert len(said.splitlines()) == 2


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    assert main(["detect", "--help"]) == 0
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("edgedet ")


def test_every_command_says_one_line():
    for name, module in cli._wanted([]):
        assert module.HELP.endswith("."), name
        assert "\n" not in module.HELP, name


def test_logs_go_to_stderr_and_only_while_it_runs(command, capsys):
    command(lambda: logging.getLogger("edgedet.somewhere").info("dropped 3 boxes"))
    main(["demo"])
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "dropped 3 boxes\n")
    assert logging.getLogger("edgedet").handlers == []


def test_a_closed_pipe_is_no_traceback(tiny, photograph):
    # Far more lines than a pipe holds, and a reader that leaves at once.
    program = (
        "import sys; from edgedet.cli.main import main;"
        "sys.exit(main(['detect', sys.argv[1], *[sys.argv[2]] * 400, '--json']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tiny), str(photograph)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
