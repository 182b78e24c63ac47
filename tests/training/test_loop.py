import csv
import dataclasses
import json
import logging
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from edgedet.errors import DataError
from edgedet.files import UNFINISHED
from edgedet.settings import Feeding, Network, Optimization, Zoom
from edgedet.settings.setting import replace
from edgedet.thermal import Normalization
from edgedet.training import RECIPES, Run, fit, load_run, state


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Hold the one unbroken run that several tests look at."""
    return {"folder": tmp_path_factory.mktemp("runs") / "unbroken"}


@pytest.fixture
def unbroken(finished, recipe):
    if not finished["folder"].exists():
        fit(recipe, finished["folder"])
    return Run(finished["folder"])


def test_a_run_folder(unbroken, recipe):
    assert json.loads(unbroken.recipe_file.read_text())["epochs"] == 2
    assert {path.name for path in unbroken.folder.iterdir()} == {
        "recipe.json", "best.keras", "last.keras", "state.npz", "history.csv", "curves.png",
        "tensorboard", "report.html", "precision-recall.png", "worst.png", "best.png",
    }  # fmt: skip
    rows = list(csv.DictReader(unbroken.history_file.read_text().splitlines()))
    assert [float(row["epoch"]) for row in rows] == [1, 2]
    assert {"loss", "class", "box", "val_ap", "val_ap50", "learning_rate", "seconds"} < set(rows[0])
    assert float(rows[0]["loss"]) > float(rows[1]["loss"])
    # Three steps an epoch: the last one looks up the schedule at step 6 of 6.
    assert float(rows[1]["learning_rate"]) == pytest.approx(
        recipe.optimization.learning_rate * 0.01
    )
    model, found = load_run(unbroken.folder)
    assert found == recipe
    assert model.class_names == ("face",)


class Killed(BaseException):
    """The process ends here."""


def final(run):
    with np.load(run.state_file) as saved:
        return {name: saved[name] for name in saved.files}


@pytest.mark.parametrize("moment", ["before", "after"], ids="the state was written {}".format)
def test_a_resumed_run_ends_like_an_unbroken_one(unbroken, recipe, tmp_path, monkeypatch, moment):
    save = state.save

    def die(path, epoch, *rest):
        # Before: the second epoch is in the history, but not in the state.
        if moment == "before" and epoch == 2:
            raise Killed
        save(path, epoch, *rest)
        if moment == "after":
            raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(state, "save", die)
        fit(recipe, tmp_path / "run")
    broken = Run(tmp_path / "run")
    assert int(final(broken)["epoch"]) == 1

    fit(recipe, broken.folder, resume=True)

    found, expected = final(broken), final(unbroken)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-6, err_msg=name)
    assert [row["epoch"] for row in broken.read_history()] == [1, 2]
    for row, other in zip(broken.read_history(), unbroken.read_history(), strict=True):
        del row["seconds"], other["seconds"]
        assert row == pytest.approx(other, rel=1e-5)


def test_resuming_a_finished_run_changes_nothing(unbroken, recipe):
    before = unbroken.state_file.read_bytes(), unbroken.history_file.read_text()
    fit(recipe, unbroken.folder, resume=True)
    assert (unbroken.state_file.read_bytes(), unbroken.history_file.read_text()) == before


@pytest.mark.parametrize("every", [1, 1000], ids=["in an evaluation", "in an epoch"])
def test_data_that_vanishes_ends_a_run_with_its_last_state(
    recipe, write_faces, tmp_path, monkeypatch, every
):
    data = write_faces(tmp_path / "faces", train=6, val=2)
    recipe = dataclasses.replace(recipe, data=(str(data),), epochs=60, evaluate_every=every)
    save = state.save

    def unplug(path, epoch, *rest):
        save(path, epoch, *rest)
        if epoch == 1:
            data.rename(tmp_path / "elsewhere")

    with monkeypatch.context() as patch, pytest.raises(DataError, match="--resume") as told:
        patch.setattr(state, "save", unplug)
        fit(recipe, tmp_path / "run")
    assert str(data) in str(told.value)
    run = Run(tmp_path / "run")
    done = int(final(run)["epoch"])
    assert 1 <= done < 60
    # It goes on where the data lies now.
    moved = dataclasses.replace(recipe, data=(str(tmp_path / "elsewhere"),), epochs=done + 1)
    fit(moved, run.folder, resume=True)
    assert int(final(run)["epoch"]) == done + 1


def test_a_run_that_died_in_its_first_epoch_begins_as_it_was_told(
    recipe, tmp_path, tiny, monkeypatch
):
    for weight in tiny.weights:
        weight.assign(0.25 * tf.ones_like(weight))
    tiny.save(tmp_path / "first.keras")
    recipe = dataclasses.replace(recipe, initial=str(tmp_path / "first.keras"), epochs=1)

    def begin(resume):
        seen = []
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(keras.Model, "fit", lambda self, *_, **__: seen.append(self) or die())
            fit(recipe, tmp_path / "run", resume)
        return [weight.numpy() for weight in seen[0].weights]

    def die():
        raise Killed

    for resume in (False, True):
        assert all((weight == 0.25).all() for weight in begin(resume))


def test_a_resumed_run_may_not_become_another(unbroken, recipe):
    before = unbroken.recipe_file.read_text()
    with pytest.raises(DataError, match="--batch-size: expected 2, as the run began, found 3"):
        fit(dataclasses.replace(recipe, batch_size=3), unbroken.folder, resume=True)
    assert unbroken.recipe_file.read_text() == before


def test_what_a_killed_process_left_is_swept(unbroken, recipe):
    (unbroken.folder / f"{UNFINISHED}abc.npz").write_bytes(b"half")
    fit(recipe, unbroken.folder, resume=True)
    assert not list(unbroken.folder.glob(f"{UNFINISHED}*"))


def test_a_run_is_not_overwritten(unbroken, recipe):
    before = unbroken.recipe_file.read_text()
    with pytest.raises(DataError, match=r"there is a run already\.\n.*--resume"):
        fit(dataclasses.replace(recipe, epochs=7), unbroken.folder)
    assert unbroken.recipe_file.read_text() == before


def test_resuming_a_run_that_is_not_there(recipe, tmp_path):
    with pytest.raises(DataError, match=r"recipe\.json: expected the recipe of a run"):
        fit(recipe, tmp_path / "none", resume=True)
    assert not (tmp_path / "none").exists()


def test_resuming_from_a_damaged_state(unbroken, recipe):
    content = unbroken.state_file.read_bytes()
    try:
        unbroken.state_file.write_bytes(content[:1000])
        with pytest.raises(DataError, match=r"state\.npz: .*cannot be read"):
            fit(recipe, unbroken.folder, resume=True)
    finally:
        unbroken.state_file.write_bytes(content)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": ()}, "at least one --data"),
        ({"data": ("/no/such",)}, "/no/such"),
        ({"batch_size": 7}, r"at least 7 images, a batch, found 6\.\nUse a smaller --batch-size"),
        ({"classes": ("cat",)}, "cat"),
    ],
)
def test_bad_data_leaves_nothing_behind(recipe, tmp_path, changes, message):
    with pytest.raises(DataError, match=message):
        fit(dataclasses.replace(recipe, **changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_without_a_val_part(recipe, write_faces, tmp_path, caplog):
    data = write_faces(tmp_path / "faces", train=2)
    changed = dataclasses.replace(recipe, data=(str(data),), epochs=1)
    with caplog.at_level(logging.WARNING):
        run = fit(changed, tmp_path / "run")
    assert "training without validation" in caplog.text
    assert not run.best_file.exists()
    assert load_run(run.folder)[1] == changed


def test_one_annotation_file_has_no_val_part(recipe, tmp_path, caplog):
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    content = {
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "face"}],
        "annotations": [],
    }
    (tmp_path / "one.json").write_text(json.dumps(content))
    recipe = dataclasses.replace(recipe, data=(str(tmp_path / "one.json"),), epochs=1)
    run = fit(recipe, tmp_path / "run")
    assert "one.json has no val part" in caplog.text
    assert "val_ap50" not in run.read_history()[0]
    assert run.last_file.is_file()


def test_a_val_part_without_any_face(recipe, write_faces, tmp_path):
    data = write_faces(tmp_path / "faces", train=2, val=1)
    text = data / "wider_face_split" / "wider_face_val_bbx_gt.txt"
    text.write_text("0--Drawn/0.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n")
    run = fit(dataclasses.replace(recipe, data=(str(data),), epochs=1), tmp_path / "run")
    assert [row["epoch"] for row in run.read_history()] == [1]


def test_the_recipe_decides_how_it_learns(recipe, tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(keras.Model, "fit", lambda self, *args, **kwargs: seen.update(model=self))
    monkeypatch.setattr(sys.modules[fit.__module__], "report", lambda *args: None)
    changes = {
        "--class-loss": "focal", "--box-loss": "ciou", "--box-weight": 3.5, "--radius": 0.7,
        "--weight-decay": 0.25, "--clip-norm": 2.0,
    }  # fmt: skip
    changed = replace(recipe, changes)
    fit(changed, tmp_path / "run")
    model = seen["model"]
    loss = model.detection_loss
    assert (loss.class_loss, loss.box_loss, loss.box_weight) == ("focal", "ciou", 3.5)
    assert model.assigner.radius == 0.7
    optimizer = model.optimizer
    assert (optimizer.weight_decay, optimizer.global_clipnorm) == (0.25, 2.0)
    decayed = {
        variable.path.rpartition("/")[2]
        for variable in model.trainable_variables
        if optimizer._use_weight_decay(variable)
    }
    assert decayed == {"kernel"}


@pytest.mark.slow
def test_phantom_learns_eight_images_by_heart(recipe, write_faces, tmp_path):
    # Measured as it ships: the averaged weights through preprocessing, decoding, suppression.
    data = tmp_path / "faces"
    for split in ("train", "val"):
        write_faces(data, seed=5, **{split: 8})
    # The same eight images as one epoch of 64, so that little time goes into ends of epochs.
    by_heart = dataclasses.replace(
        recipe, model="phantom", data=(str(data),) * 8, input_size=(128, 128), epochs=20,
        batch_size=8, evaluate_every=20, feeding=Feeding(Zoom(probability=0.0, jitter=1.0)),
        optimization=Optimization(warmup_epochs=1.0),
    )  # fmt: skip
    last = fit(by_heart, tmp_path / "run").read_history()[-1]
    assert last["val_ap50"] > 0.95
    # Exact boxes, not only found faces: .92 was measured.
    assert last["val_ap"] > 0.75


@pytest.mark.slow
def test_a_thermal_model_learns_from_frames_of_several_bands(tmp_path):
    generator = np.random.default_rng(0)
    for split, count in (("train", 4), ("val", 2)):
        (tmp_path / split).mkdir()
        entries, boxes = [], []
        for number in range(count):
            counts = generator.normal(8000, 20, (32, 40, 2))
            counts[8:20, 12:20] += 400
            np.save(tmp_path / split / f"{number}.npy", counts.astype("uint16"))
            entries.append({"id": number, "file_name": f"{number}.npy"})
            boxes.append({"image_id": number, "category_id": 1, "bbox": [12, 8, 8, 12]})
        categories = [{"id": 1, "name": "person"}]
        content = {"images": entries, "annotations": boxes, "categories": categories}
        path = tmp_path / "annotations" / f"instances_{split}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))
    recipe = dataclasses.replace(
        RECIPES["nightvision-thermal"], data=(str(tmp_path),), classes=("person",), epochs=1,
        batch_size=2, input_size=(32, 32), network=Network(bands=2, domains=True),
        set_domains=(f"{tmp_path.name}=human",),
    )  # fmt: skip
    run = fit(recipe, tmp_path / "run")
    (row,) = run.read_history()
    assert row["val_ap50"] >= 0 and row["domain"] > 0
    model, _ = load_run(run.folder)
    assert (model.manifest().bands, model.manifest().thermal) == (2, Normalization())
