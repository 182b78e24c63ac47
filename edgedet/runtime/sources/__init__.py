"""Where frames come from: image files, folders, MOT sequences, videos, cameras."""

from edgedet.runtime.sources.opening import open_source

__all__ = ["open_source"]
