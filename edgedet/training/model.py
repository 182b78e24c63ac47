"""The model of a recipe, ready to learn as the recipe says."""

from __future__ import annotations

import contextlib
import inspect

import keras

from edgedet.errors import UsageError
from edgedet.losses import DetectionLoss
from edgedet.models import MODELS, Detector
from edgedet.models.multi_scale import COARSEST, sizes_around
from edgedet.models.shares import replicas
from edgedet.settings import Network, Settings, ThermalNormalization
from edgedet.settings.setting import flatten
from edgedet.settings.sizes import format_size
from edgedet.thermal import Normalization
from edgedet.training.distillation import taught
from edgedet.training.optimizer import make_optimizer
from edgedet.training.recipe import Recipe


def make_model(recipe: Recipe, class_names, domain_classes=()) -> Detector:
    """Return the model with random weights; make it in the scope of its strategy.

    Args:
        recipe: The settings.
        class_names: What is found.
        domain_classes: See `classes_of_domains`; for a model that tells domains apart.

    Raises:
        UsageError: The recipe sets what the model does not have.
        ModelError: The network cannot be made so.
    """
    make, own = MODELS[recipe.model], _own(recipe)
    if recipe.network.domains and domain_classes:
        own["domains"] = domain_classes
    with _precision(recipe.optimization.precision):
        model = make(input_size=recipe.input_size, class_names=class_names, **own)
    if replicas() > 1 and recipe.optimization.synchronize_norms:
        for layer in model.network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True
    return model


def prepare(model: Detector, recipe: Recipe, steps: int) -> None:
    """Give a model what it learns with; in the scope of its strategy.

    Args:
        model: What learns.
        recipe: The settings.
        steps: Steps of an epoch.

    Raises:
        UsageError: The teacher does not fit the model, or several sizes do not fit the rest.
        ModelError: The teacher cannot be read.
    """
    chosen = recipe.optimization
    assigner, loss = model.assigner_of(recipe.assignment), DetectionLoss(**vars(recipe.loss))
    if recipe.distillation.teacher:
        assigner, loss = taught(recipe.distillation, model, assigner, loss)
    optimizer = make_optimizer(chosen, steps, recipe.epochs, replicas())
    model.compile(optimizer, assigner, loss, chosen.accumulate, _other_sizes(model, recipe))
    # A state that is restored fills the optimizer's variables.
    optimizer.build(model.trainable_variables)


def _other_sizes(model, recipe):
    """Return the assigner of each further size that batches are to be seen at."""
    share = recipe.feeding.multi_scale
    sizes = sizes_around(model.input_size, share)
    if share and not sizes:
        raise UsageError(
            f"--multi-scale {share:g}: expected a share that reaches another multiple of "
            f"{COARSEST} from {format_size(model.input_size)}, found none.\n"
            "Raise the share, or choose an input size with more of them."
        )
    if sizes and (recipe.distillation.teacher or replicas() > 1):
        other = "--teacher" if recipe.distillation.teacher else f"--strategy {recipe.strategy}"
        raise UsageError(
            f"--multi-scale: expected one device and no teacher, found {other}.\n"
            "Leave out one of the two; --zoom-jitter changes sizes with both."
        )
    return {size: model.assigner_of(recipe.assignment, size) for size in sizes}


def _own(recipe):
    """Return what the recipe sets of the model's constructor beside size and classes."""
    usual, chosen = vars(Network()), vars(recipe.network)
    own = {name: value for name, value in chosen.items() if value != usual[name]}
    # What all detectors take, and what this one does.
    makers = (Detector.__init__, MODELS[recipe.model].__init__)
    taken = {name for maker in makers for name in inspect.signature(maker).parameters}
    for name, value in own.items():
        if name not in taken:
            flags = flatten(value) if isinstance(value, Settings) else [recipe.network.flag(name)]
            raise UsageError(
                f"{', '.join(flags)}: expected a model that has it, found {recipe.model}.\n"
                "Leave it as it is by default, or choose another recipe."
            )
    if "normalization" in own:
        own["normalization"] = _normalization(recipe.network.normalization)
    return own


def _normalization(sensor: ThermalNormalization) -> Normalization:
    fields = {name: value for name, value in vars(sensor).items() if name not in ("low", "span")}
    limits = (sensor.low, sensor.low + sensor.span) if sensor.span else None
    return Normalization(limits, **fields)


@contextlib.contextmanager
def _precision(policy):
    """Let Keras make layers that compute in another precision while the block runs."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
