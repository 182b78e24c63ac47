"""What a command may be given as a model in training: a run folder or a .keras file."""

from __future__ import annotations

from pathlib import Path


def start_tensorflow() -> None:
    """Import TensorFlow without its greetings, so that stderr shows only what we say."""
    from edgedet.quiet import captured_stderr

    with captured_stderr():
        import tensorflow as tf  # noqa: TID251

        # The first operation looks for GPUs, and complains where there is none.
        tf.zeros(1)


def load_trained(path: Path):
    """Return the Keras model and the data folders that it was trained on.

    Args:
        path: A run folder of `edgedet train`, or a .keras file, which knows no folders.

    Raises:
        ModelError: It is neither, or not readable.
    """
    from edgedet.errors import ModelError

    if path.is_dir():
        from edgedet.training import load_run

        model, recipe = load_run(path)
        return model, tuple(recipe.data)
    if path.suffix == ".keras" and path.is_file():
        return _load_keras(path), ()
    raise ModelError(
        f"{path}: expected a run folder of `edgedet train` or a .keras file, found neither.\n"
        "Check the path."
    )


def _load_keras(path):
    import keras  # noqa: TID251

    from edgedet.errors import ModelError
    from edgedet.models import Detector

    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises whatever its parsers meet in a foreign file.
        reason = next(iter(str(error).strip().splitlines()), "unreadable")
        raise ModelError(
            f"{path}: Keras cannot load this file ({reason}).\n"
            "Save the model again with this version of edgedet."
        ) from error
    if not isinstance(model, Detector):
        raise ModelError(
            f"{path}: expected one of edgedet's detectors, found a {type(model).__name__}.\n"
            "Save the detector itself, not its network."
        )
    return model
