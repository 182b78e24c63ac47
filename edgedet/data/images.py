"""Reading images, under the name that data sets and scripts know it by."""

from edgedet.images import from_bytes, read

__all__ = ["from_bytes", "read"]
