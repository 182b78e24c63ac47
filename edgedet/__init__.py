"""Tiny object detectors for cameras without a computer behind them."""

__version__ = "0.1.0"
