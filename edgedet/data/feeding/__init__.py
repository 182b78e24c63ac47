"""Batches, the same for the same seed."""
