"""Hyperparameter search: a recipe is trained again and again with other settings.

Settings are proposed by a tree-structured Parzen estimator (Bergstra et al. 2011, Algorithms for
Hyper-Parameter Optimization), as Optuna has it (Akiba et al. 2019,
https://arxiv.org/abs/1907.10902); trials that do worse than half of the others are ended early.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Sequence
from pathlib import Path

import keras
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from edgedet import files
from edgedet.errors import DataError
from edgedet.settings.setting import replace
from edgedet.training.datasets import open_datasets
from edgedet.training.loop import fit
from edgedet.training.recipe import Recipe
from edgedet.training.search import Dimension, values_in

STUDY = "edgedet"
# What is written into the folder of a search, beside a run folder for each trial.
RECIPE, JOURNAL, TABLE = "recipe.json", "study.log", "trials.csv"
# Trials that are never ended early, so that there is something to compare with.
WHOLE_TRIALS = 4
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)

log = logging.getLogger(__name__)


def tune(recipe: Recipe, space: Sequence[Dimension], out: Path, trials: int) -> optuna.Study:
    """Search until so many trials are finished; a search in `out` goes on.

    Several processes may search in one folder at once, also on several machines that share it.

    Args:
        recipe: What is searched around; its own settings are the first trial.
        space: What varies.
        out: The folder of the search; it is made.
        trials: How many shall be finished in the end.

    Returns:
        Optuna's study; the value of a trial is its best AP50 on the val part.

    Raises:
        DataError: The data cannot be used or has no val part, or `out` holds another search.
        OutputError: `out` cannot be written.
    """
    _require_objects(recipe)
    study = _open(recipe, out)
    first = {name.removeprefix("--"): value for name, value in values_in(recipe, space).items()}
    study.enqueue_trial(first, skip_if_exists=True)
    while sum(trial.state in FINISHED for trial in study.trials) < trials:
        study.optimize(lambda trial: _measure(trial, recipe, space, out), n_trials=1)
        _write(study, space, out)
    return study


def _require_objects(recipe):
    """Open what all trials learn from and are compared on, before anything is written."""
    if open_datasets(recipe)[1] is None:
        raise _nothing_to_compare_by(recipe)


def _nothing_to_compare_by(recipe):
    return DataError(
        f"{recipe.data[0]}: expected a val part with objects to compare settings by, found "
        "none.\nName a data folder with one first."
    )


def _open(recipe, out):
    # Optuna tells of every trial at length, and of a failed one by its traceback; Progress tells
    # of epochs, and errors speak for themselves.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if (out / RECIPE).is_file():
        recipe.require_same(Recipe.read(out / RECIPE))
    files.write_text(out / RECIPE, recipe.to_json())
    storage = JournalStorage(JournalFileBackend(str(out / JOURNAL)))
    study = optuna.create_study(
        storage=storage,
        study_name=STUDY,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(WHOLE_TRIALS),
        load_if_exists=True,
    )
    # Each process proposes something else, and the same search is the same again.
    study.sampler = optuna.samplers.TPESampler(
        seed=recipe.seed + len(study.trials), constant_liar=True
    )
    return study


def _measure(trial, recipe, space, out):
    """Train with the settings of a trial; return the best AP50 on the val part."""
    try:
        chosen = replace(recipe, {each.flag: each.draw(trial) for each in space})
    except DataError as error:
        # Each value is allowed, but not beside the others.
        log.info("trial %d: %s", trial.number, error)
        raise optuna.TrialPruned from error
    log.info("trial %d: %s", trial.number, words(trial.params))
    # What the last trial has compiled is of no more use.
    keras.backend.clear_session()
    run = fit(chosen, out / f"trial-{trial.number:04d}", observers=[Judge(trial)])
    found = [row["val_ap50"] for row in run.read_history() if "val_ap50" in row]
    if not found:
        raise _nothing_to_compare_by(recipe)
    return max(found)


class Judge(keras.callbacks.Callback):
    """Tells Optuna of every evaluation, and ends trials that are not worth going on.

    Args:
        trial: Optuna's.
    """

    def __init__(self, trial: optuna.Trial):
        super().__init__()
        self.trial = trial

    def on_epoch_end(self, epoch, logs=None):
        if "val_ap50" not in (logs or {}):
            return
        self.trial.report(float(logs["val_ap50"]), epoch + 1)
        if self.trial.should_prune():
            raise optuna.TrialPruned


def words(params: dict) -> str:
    """Return settings as flags of `edgedet train`."""
    return " ".join(f"--{name} {value:.6g}" if isinstance(value, float) else f"--{name} {value}"
                    for name, value in params.items())  # fmt: skip


def _write(study, space, out):
    """Write the trials as a table, the best first."""
    ended = [trial for trial in study.trials if trial.state in FINISHED and trial.value is not None]
    ended.sort(key=lambda trial: -trial.value)
    names = [each.flag.removeprefix("--") for each in space]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["trial", "val_ap50", "state", *names])
    for trial in ended:
        settings = [trial.params.get(name, "") for name in names]
        writer.writerow([trial.number, trial.value, trial.state.name.lower(), *settings])
    files.write_text(out / TABLE, text.getvalue())
