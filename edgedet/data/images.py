"""`read` and `from_bytes` of `edgedet.images` under the name that scripts on data know; no more."""

from edgedet.images import from_bytes, read

__all__ = ["from_bytes", "read"]
