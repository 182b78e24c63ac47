import keras
import pytest

from edgedet.training.schedule import WarmupCosine, WarmupDrops


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        # Four steps up; it is at the peak twice, then half a cosine over eight steps.
        (0, 0.5),
        (1, 1.0),
        (3, 2.0),
        (4, 2.0),
        # A quarter: .1 + .9 (1 + sqrt(1/2)) / 2 of 2; half: .1 + .9 / 2; the end: .1; and after it.
        (6, 2 * (0.1 + 0.9 * 0.853553)),
        (8, 2 * 0.55),
        (12, 0.2),
        (500, 0.2),
    ],
)
def test_by_hand(step, expected):
    schedule = WarmupCosine(peak=2.0, warmup_steps=4, total_steps=12, final_share=0.1)
    assert float(schedule(step)) == pytest.approx(expected, rel=1e-5)


def test_without_warm_up_it_begins_at_the_peak():
    schedule = WarmupCosine(peak=2.0, warmup_steps=0, total_steps=10)
    assert float(schedule(0)) == pytest.approx(2.0)
    assert float(schedule(10)) == pytest.approx(0.0, abs=1e-6)


def test_a_warm_up_longer_than_the_run_stays_below_the_peak():
    schedule = WarmupCosine(peak=2.0, warmup_steps=10, total_steps=5)
    assert [float(schedule(step)) for step in (0, 4)] == pytest.approx([0.2, 1.0])


@pytest.mark.parametrize(
    ("step", "expected"),
    # Four steps up; halved from step 10 on, and from step 20 on again.
    [(0, 0.5), (3, 2.0), (9, 2.0), (10, 1.0), (19, 1.0), (20, 0.5), (35, 0.25)],
)
def test_drops_by_hand(step, expected):
    schedule = WarmupDrops(peak=2.0, warmup_steps=4, drop_every=10, share=0.5)
    assert float(schedule(step)) == pytest.approx(expected)


@pytest.mark.parametrize("schedule", [WarmupCosine(2.0, 4, 12, 0.1), WarmupDrops(2.0, 4, 6, 0.3)])
def test_it_survives_a_round_trip(schedule):
    copy = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert [float(copy(step)) for step in range(14)] == [float(schedule(s)) for s in range(14)]
