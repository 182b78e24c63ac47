"""Multi-scale input: other sizes are other networks with the same weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from edgedet.models import Phantom
from edgedet.models.multi_scale import at_random_size, resized, sizes_around
from edgedet.settings import Assignment


@pytest.mark.parametrize(
    ("size", "share", "expected"),
    [
        ((128, 128), 0.25, [(96, 96), (160, 160)]),
        ((320, 320), 0.2, [(256, 256), (288, 288), (352, 352), (384, 384)]),
        # Both sides by the same factor: 3 x 4 in wholes of 32, of which there are two.
        ((192, 256), 0.5, [(96, 128), (288, 384)]),
        ((128, 128), 0.1, []),
        ((100, 128), 0.5, []),
    ],
)
def test_sizes_are_multiples_of_the_coarsest_stride(size, share, expected):
    assert list(sizes_around(size, share)) == expected


def test_boxes_follow_their_images():
    batch = {"images": tf.ones((2, 96, 128, 3)), "boxes": tf.constant([[[12.0, 24, 48, 96]]] * 2)}
    found = resized(batch, (48, 64))
    assert found["images"].shape == (2, 48, 64, 3)
    np.testing.assert_allclose(found["boxes"][0, 0], [6, 12, 24, 48])


def test_the_step_alone_decides_and_all_sizes_come():
    sizes = [(32, 32), (64, 64), (96, 96)]
    draw = tf.function(lambda step: at_random_size(step, sizes, lambda size: tf.constant(size[0])))
    drawn = [int(draw(tf.constant(step))) for step in range(60)]
    assert drawn == [int(draw(tf.constant(step))) for step in range(60)]
    assert min(drawn.count(side) for side in (32, 64, 96)) >= 10


def test_another_size_is_learned_as_by_a_network_of_that_size(small_batch):
    keras.utils.set_random_seed(0)
    model, larger = Phantom(input_size=(64, 64)), Phantom(input_size=(96, 96))
    larger.set_weights(model.get_weights())
    others = {(96, 96): model.assigner_of(Assignment(), (96, 96))}
    model.compile("sgd", other_sizes=others, run_eagerly=True)
    larger.compile("sgd", run_eagerly=True)

    found, positives = model._sums_at(small_batch, (96, 96))
    expected, expected_positives = larger._sums_of(
        resized(small_batch, (96, 96)), larger.assigner, True
    )

    assert float(positives) == float(expected_positives) > 0
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(float(value), rel=1e-4)


def test_a_model_learns_from_several_sizes_in_one_graph(small_batch):
    keras.utils.set_random_seed(0)
    model = Phantom(input_size=(64, 64))
    sizes = sizes_around((64, 64), 0.5)
    assert sizes == ((32, 32), (96, 96))
    others = {size: model.assigner_of(Assignment(), size) for size in sizes}
    before = {weight.path: weight.numpy() for weight in model.weights}
    # XLA would take a minute to compile it.
    model.compile(keras.optimizers.Adam(1e-3), other_sizes=others, jit_compile=False)
    history = model.fit(tf.data.Dataset.from_tensors(small_batch).repeat(8), verbose=0).history

    assert np.isfinite(history["loss"]).all()
    assert not [w.path for w in model.weights if (w.numpy() == before[w.path]).all()]
