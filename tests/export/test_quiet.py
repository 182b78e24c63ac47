"""What native code says goes to the log, and only there."""

import logging
import os
import warnings

import pytest

from edgedet.export.quiet import silenced


def test_native_stderr_and_warnings_go_to_the_log(caplog, capfd):
    with caplog.at_level(logging.DEBUG, "edgedet.export.quiet"), silenced():
        os.write(2, b"said by C++\n")
        warnings.warn("said by Python", stacklevel=1)

    assert caplog.messages == ["said by C++", "said by Python"]
    assert capfd.readouterr().err == ""


def test_stderr_works_again_after_an_error(capfd):
    with pytest.raises(KeyError), silenced():
        raise KeyError
    os.write(2, b"heard\n")

    assert capfd.readouterr().err == "heard\n"


def test_a_root_handler_that_the_block_makes_is_gone_afterwards():
    before = list(logging.root.handlers)
    with silenced():
        logging.root.addHandler(logging.StreamHandler())

    assert logging.root.handlers == before
