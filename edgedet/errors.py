"""Errors that a user can act on: where, what was expected, what came, what to do."""

import zipfile
import zlib

# What comes of damage inside a compressed file, wherever it lies: model files, parts and NumPy's
# .npz are zips, and MATLAB's lists are compressed, too.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)


class EdgedetError(Exception):
    """The base of every error whose message is meant for the user, not for the programmer."""


class UsageError(EdgedetError):
    """A command was called in a way that it does not offer."""


class ImageError(EdgedetError):
    """An image is missing, damaged or of a kind that cannot be read."""


class AnnotationError(EdgedetError):
    """An annotation file does not say what its format promises."""


class DataError(EdgedetError):
    """A data folder lacks what the command needs."""


class ManifestError(EdgedetError):
    """A model file carries no readable manifest."""


class ModelError(EdgedetError):
    """A model cannot be made or run, or its file does not fit its manifest."""


class ExportError(EdgedetError):
    """A trained model cannot become a file that answers as it does."""


class SourceError(EdgedetError):
    """A source of frames does not exist or cannot be opened."""


class OutputError(EdgedetError):
    """A result cannot be written where the user wants it."""


class MissingExtraError(EdgedetError):
    """A command needs a package that this installation lacks."""
