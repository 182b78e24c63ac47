"""The `edgedet` command: finds the subcommand, runs it, and says what went wrong.

Every subcommand is a module with `HELP`, `add_arguments(parser)` and `run(args)`, which may
return an exit status. Only the module of the chosen one is imported, so `detect` starts fast.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import os
import sys

from edgedet.errors import EdgedetError, UsageError

COMMANDS = {
    name: f"edgedet.cli.{name}"
    for name in (
        "demo", "train", "prune", "evaluate", "export", "detect", "bench", "budget", "info", "data",
        "tune",
    )
}  # fmt: skip

# Which extra of this package brings a package that a device does not have.
EXTRAS = {
    "tensorflow_model_optimization": "tfmot",
    "tf_keras": "tfmot",
    "av": "video",
    "optuna": "tune",
    **dict.fromkeys(("tensorflow", "keras", "pycocotools", "matplotlib", "scipy"), "train"),
    **dict.fromkeys(("motmetrics", "pandas"), "train"),
}

WRONG_USAGE = 2  # As argparse has it.
INTERRUPTED = 130  # What shells report for Ctrl-C.
PIPE_CLOSED = 141  # And for a reader that had enough, as `head` does.


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a line or two: the usage of some commands fills a screen."""

    def error(self, message):
        self.exit(WRONG_USAGE, f"{self.prog}: {message}\nSee `{self.prog} --help`.\n")


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 wrong usage."""
    handler = _log_to_stderr()
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except UsageError as error:
        _fail(error)
        return WRONG_USAGE
    except EdgedetError as error:
        return _fail(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except ImportError as error:
        return _fail(_cure_of(error))
    except OSError as error:
        # A full disk or a forbidden folder, met where no module expected it.
        return _fail(_said_of(error))
    finally:
        logging.getLogger("edgedet").removeHandler(handler)


def _said_of(error):
    reason = error.strerror or error
    if error.filename is None:
        return f"the system refused something: {reason}.\nCheck that the disk has space left."
    return (
        f"{error.filename}: {reason}.\n"
        "Check that it exists, may be read or written, and has space left."
    )


def _run(argv):
    try:
        args = _parser(argv).parse_args(argv)
    except SystemExit as wish:
        # argparse has said what it had to say: help (0) or wrong usage (2).
        return int(wish.code or 0)
    status = args.run(args)
    sys.stdout.flush()
    return int(status or 0)


def _parser(argv):
    parser = Parser(
        prog="edgedet",
        description="Tiny object detectors: train, quantize, export, run on the device.",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, module in _wanted(argv):
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _wanted(argv):
    """Yield (name, module) of the command that `argv` begins with, or else of all that exist."""
    chosen = argv[0] if argv and argv[0] in COMMANDS else None
    if chosen is not None:
        yield chosen, importlib.import_module(COMMANDS[chosen])
        return
    for name, path in COMMANDS.items():
        # A smaller installation may lack a command, and nobody but its user minds.
        with contextlib.suppress(ImportError):
            yield name, importlib.import_module(path)


def _cure_of(error):
    """Return what to tell about a package that is missing; a broken import is a bug of ours."""
    if error.name in COMMANDS.values():
        return f"this installation has no `{error.name.split('.')[-1]}`.\nInstall edgedet again."
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        raise error
    return (
        f"this command needs {error.name}, which is not installed.\npip install 'edgedet[{extra}]'"
    )


def _version():
    from edgedet import __version__

    return f"edgedet {__version__}"


def _fail(message) -> int:
    print(f"edgedet: {message}", file=sys.stderr)
    return 1


def _log_to_stderr():
    logger = logging.getLogger("edgedet")
    logger.setLevel(logging.INFO)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    return handler
