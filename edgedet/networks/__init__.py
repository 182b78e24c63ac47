"""Functional networks as something to be read, changed and put together again."""
