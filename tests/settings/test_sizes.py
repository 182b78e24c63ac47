"""Sizes are written width first, and kept height first."""

import pytest

from edgedet.settings.sizes import format_size, parse_size, parse_size_or_side


def test_width_comes_first_in_words_and_height_inside():
    assert parse_size("640x480") == (480, 640)
    assert format_size((480, 640)) == "640x480"


def test_what_is_written_is_read_again():
    assert parse_size(format_size((3, 5))) == parse_size_or_side(format_size((3, 5))) == (3, 5)


def test_a_side_alone_is_a_square_where_that_is_asked_for():
    assert parse_size_or_side("320") == (320, 320)
    with pytest.raises(ValueError, match="expected WIDTHxHEIGHT as in 640x480, found '320'"):
        parse_size("320")


@pytest.mark.parametrize("text", ["", "x", "0x5", "axb", "1x2x3", "-1x5", "²x2"])
def test_other_words_are_no_size(text):
    for parse in (parse_size, parse_size_or_side):
        with pytest.raises(ValueError, match="expected WIDTHxHEIGHT"):
            parse(text)
