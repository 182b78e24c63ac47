"""Sizes as people write them, width first: `640x480` is (480, 640) everywhere inside."""

from __future__ import annotations


def parse_size(text: str) -> tuple[int, int]:
    """Return (height, width) of `640x480`.

    Raises:
        ValueError: It is no size.
    """
    width, _, height = text.lower().partition("x")
    if not all(side.isascii() and side.isdigit() and int(side) for side in (width, height)):
        raise ValueError(f"expected WIDTHxHEIGHT as in 640x480, found {text!r}")
    return int(height), int(width)


def parse_size_or_side(text: str) -> tuple[int, int]:
    """Return (height, width) of `640x480`, or of the square `320`."""
    return parse_size(text if "x" in text.lower() else f"{text}x{text}")


def format_size(size) -> str:
    """Return what `parse_size` reads as `size`, (height, width)."""
    height, width = size
    return f"{width}x{height}"
