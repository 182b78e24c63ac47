"""Annotation files become batches."""
