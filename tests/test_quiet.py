import os
import subprocess
import sys
import textwrap

from edgedet.quiet import captured_stderr


def test_what_native_code_says_is_in_the_list(capfd):
    with captured_stderr() as said:
        os.write(2, b"one\ntwo\n")
    assert said == ["one", "two"]
    assert capfd.readouterr().err == ""


def test_a_process_without_stderr_works_too():
    program = """
        import sys
        from edgedet.quiet import captured_stderr
        with captured_stderr() as said:
            print("no stderr", sys.stderr)
    """
    arguments = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout == "no stderr None\n"


def test_without_a_place_for_temporary_files_nothing_is_captured(monkeypatch, capfd):
    def no_place(*_):
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr("tempfile.TemporaryFile", no_place)
    with captured_stderr() as said:
        os.write(2, b"heard\n")
    assert said == []
    assert capfd.readouterr().err == "heard\n"
