"""Clipping: an outlier is cut off where the others gain more than it loses."""

import keras
import numpy as np
import pytest
from keras import layers

from edgedet.manifest import Level, Manifest
from edgedet.quantization import observe, quantize_aware, ranges_of
from edgedet.quantization.clipping import best_range, clip_ranges, lowest_logits, raise_lows

VALUES = np.append(np.linspace(0, 1, 1001), 3.0)


@pytest.mark.parametrize(
    ("many", "high"),
    [
        # Steps of 3 / 255 cost the many (3 / 255)**2 / 12 each, 1.2e-5, and those of 1 / 255 a
        # ninth of it; the outlier alone loses (3 - 1)**2 = 4. So it goes from 390,000 on.
        (3_000_000, 1.0),
        (30_000, 3.0),
    ],
)
def test_an_outlier_is_cut_off_for_the_good_of_many(many, high):
    weights = np.append(np.full(1001, many / 1001), 1.0)
    low, found = best_range(VALUES, weights)
    assert low == 0.0 and found == pytest.approx(high, abs=0.15)
    # The other end is sought likewise.
    low, found = best_range(-VALUES, weights)
    assert found == 0.0 and low == pytest.approx(-high, abs=0.15)


def test_nothing_but_zeros_has_a_range():
    assert best_range(np.zeros(4), np.ones(4)) == (0.0, 0.0)


def test_ranges_of_a_network_are_narrowed_to_where_its_values_are():
    keras.utils.set_random_seed(0)
    images = keras.Input((16, 16, 3))
    features = layers.Conv2D(8, 3, name="conv")(images)
    made = quantize_aware(keras.Model(images, layers.Concatenate()([features, features])))
    inputs = np.random.default_rng(0).uniform(0, 1, (64, 16, 16, 3)).astype("float32")
    # One pixel of 50,000 is far too bright.
    observe(made, [np.where(np.arange(16)[:, None, None] == 0, 8 * inputs, inputs)[:1], inputs])
    (layer,) = (layer for layer in ranges_of(made) if not layer.fixed)
    before = float(layer.low.numpy().min()), float(layer.high.numpy().max())

    clip_ranges(made, [inputs])

    low, high = layer.low.numpy().min(), layer.high.numpy().max()
    assert before[0] <= low < 0 < high <= before[1] and high - low < before[1] - before[0]
    assert layer.observer is None


def two_outputs():
    keras.utils.set_random_seed(0)
    images = keras.Input((16, 16, 3))
    features = layers.ReLU(6.0)(layers.Conv2D(8, 3)(images))
    heads = {name: layers.Conv2D(2, 1, name=f"{name}_conv")(features) for name in ("a", "b")}
    made = quantize_aware(keras.Model(images, heads))
    inputs = np.random.default_rng(0).uniform(0, 1, (8, 16, 16, 3)).astype("float32")
    observe(made, [np.concatenate([8 * inputs[:1], inputs[1:]])])
    return made, inputs


def ends(made, name):
    return [float(end) for end in made.output[name]._keras_history.operation.ends()]


def test_answers_keep_their_ranges():
    made, inputs = two_outputs()
    before = {name: ends(made, name) for name in "ab"}
    clip_ranges(made, [inputs])
    assert {name: ends(made, name) for name in "ab"} == before


def test_below_what_nobody_looks_at_nothing_is_told_apart():
    made, _ = two_outputs()
    (low, high), other = ends(made, "a"), ends(made, "b")
    raise_lows(made, {"a": low / 2})
    assert ends(made, "a") == pytest.approx([low / 2, high])
    raise_lows(made, {"a": 2 * low})
    assert ends(made, "a") == pytest.approx([low / 2, high])
    assert ends(made, "b") == other


def test_what_is_cut_off_stays_so_while_the_network_learns_and_when_it_is_saved(tmp_path):
    made, inputs = two_outputs()
    low, high = ends(made, "a")
    raise_lows(made, {"a": low / 2})
    for _ in range(3):
        made(2 * inputs, training=True)
    learned = ends(made, "a")
    assert learned[0] == pytest.approx(low / 2) and learned[1] > high
    made.save(tmp_path / "made.keras")
    assert ends(keras.saving.load_model(tmp_path / "made.keras"), "a") == learned


def test_scores_are_looked_at_from_a_ten_thousandth_on():
    kinds = ("box_raw", "class_logits", "objectness_logits", "quality_logits")
    levels = (Level.of_stride(8), Level.of_stride(16))
    found = lowest_logits(Manifest("tiny", (16, 16), ("face",), levels, kinds=kinds))
    assert found.keys() == {
        f"{at}_{kind}_logits" for at in ("p3", "p4") for kind in ("class", "objectness")
    }
    # 1 / (1 + exp(9.2)) = 1 / 9,898.
    assert set(found.values()) == {-9.2}
