"""A trained model becomes a file for the device."""

from edgedet.export.tflite import Exported, export

__all__ = ["Exported", "export"]
