import dataclasses

import keras
import numpy as np
import pytest

from edgedet.settings import Optimization
from edgedet.settings.setting import flatten
from edgedet.training.adamw import AdamW
from edgedet.training.optimizer import OPTIMIZERS, SCHEDULES, UNDECAYED, make_optimizer
from edgedet.training.schedule import WarmupCosine, WarmupDrops

PLAIN = Optimization(
    learning_rate=0.5, warmup_epochs=0.0, weight_decay=0.0, clip_norm=1e9, final_rate=1.0
)


def steps_of(chosen, gradients, **options):
    """Return where a kernel that begins at 1 stands after each step."""
    kernel = keras.Variable(np.ones(1, "float32"), name="kernel")
    optimizer = make_optimizer(chosen, steps=10, epochs=10, **options)
    places = []
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor([gradient])], [kernel])
        places.append(float(kernel.numpy()[0]))
    return places


def test_the_choices_are_what_there_is():
    fields = flatten(Optimization())
    assert set(fields["--optimizer"][1].metadata["options"]) == set(OPTIMIZERS)
    assert set(fields["--schedule"][1].metadata["options"]) == set(SCHEDULES)


def test_adamw_by_hand():
    # Its first step has the length of the learning rate, whatever the gradient's.
    assert steps_of(PLAIN, [0.01]) == pytest.approx([0.5], abs=1e-3)
    # Decay takes .5 * .1 of the kernel, beside the step.
    decayed = dataclasses.replace(PLAIN, weight_decay=0.1)
    assert steps_of(decayed, [0.01]) == pytest.approx([0.45], abs=1e-3)


def test_our_adamw_is_that_of_keras():
    generator = np.random.default_rng(0)
    shapes = {"kernel": (3, 4), "bias": (4,), "gamma": (2,)}
    starts = {name: generator.normal(size=shape) for name, shape in shapes.items()}
    steps = [[generator.normal(size=shape) for shape in shapes.values()] for _ in range(20)]
    ends = []
    for kind in (AdamW, keras.optimizers.AdamW):
        variables = [
            keras.Variable(start, dtype="float32", name=name) for name, start in starts.items()
        ]
        optimizer = kind(WarmupCosine(0.1, 4, 20), weight_decay=0.2, global_clipnorm=3.0)
        optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
        for gradients in steps:
            optimizer.apply(
                [keras.ops.convert_to_tensor(g, "float32") for g in gradients], variables
            )
        ends.append([v.numpy() for v in (*variables, *optimizer.variables)])
    for ours, theirs in zip(*ends, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_sgd_by_hand():
    chosen = dataclasses.replace(PLAIN, optimizer="sgd", momentum=0.5)
    # Nesterov: speed 1 -> step 1 + .5 * 1, then speed 1.5 -> step 1 + .5 * 1.5; times .5.
    assert steps_of(chosen, [1.0, 1.0]) == pytest.approx([1 - 0.75, 1 - 0.75 - 0.875])
    still = dataclasses.replace(chosen, weight_decay=0.1)
    assert steps_of(still, [0.0]) == pytest.approx([0.95])


def test_clipping_shortens_a_replicas_share_as_it_would_the_whole():
    chosen = dataclasses.replace(PLAIN, optimizer="sgd", momentum=0.0, clip_norm=0.2)
    assert steps_of(chosen, [8.0]) == pytest.approx([1 - 0.5 * 0.2])
    # Each of four gives a quarter of the gradient, and four times a quarter of .2 is .2.
    assert steps_of(chosen, [2.0], replicas=4) == pytest.approx([1 - 0.5 * 0.2 / 4])


def test_schedules_count_in_epochs():
    chosen = Optimization(
        learning_rate=2.0, warmup_epochs=0.5, final_rate=0.25, drop_every=3.0, drop_to=0.5
    )
    cosine = SCHEDULES["cosine"](chosen, 10, 7)
    assert isinstance(cosine, WarmupCosine)
    assert cosine.get_config() == WarmupCosine(2.0, 5, 70, 0.25).get_config()
    drops = SCHEDULES["step"](chosen, 10, 7)
    assert isinstance(drops, WarmupDrops)
    assert drops.get_config() == WarmupDrops(2.0, 5, 30, 0.5).get_config()


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_only_kernels_decay(tiny, name):
    optimizer = make_optimizer(Optimization(optimizer=name), 10, 10)
    optimizer.build(tiny.trainable_variables)
    decayed = [v.path for v in tiny.trainable_variables if optimizer._use_weight_decay(v)]
    assert decayed == [v.path for v in tiny.trainable_variables if v.path.endswith("kernel")]
