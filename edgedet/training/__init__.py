"""Recipes, and the training that follows one."""

from edgedet.training.recipe import Recipe
from edgedet.training.recipes import RECIPES

__all__ = ["RECIPES", "Recipe", "Run", "fit", "load_run", "load_trained"]

# What needs TensorFlow is imported when it is asked for: `train --list` and `--help` need none.
_LAZY = {"Run": "run", "load_run": "run", "load_trained": "run", "fit": "loop"}


def __getattr__(name):
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
