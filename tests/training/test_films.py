import numpy as np

from edgedet.training.films import BATCH, LENGTH, Films, clips

SIZE = (24, 32)


def films():
    """Return films without anything that repeats."""
    samples = np.random.default_rng(0).uniform(0, 255, (5, LENGTH + 6, *SIZE)).astype("float32")
    return Films(samples, samples / 2)


def test_the_same_seed_gives_the_same_clips():
    first, again, other = (next(iter(clips(films(), seed)))["samples"] for seed in (0, 0, 1))
    assert first.shape == (BATCH, LENGTH, *SIZE)
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_clips_are_parts_of_films():
    data = films()
    clip = next(iter(clips(data, 0)))
    own = data.samples.mean((2, 3))
    # Mirrored or not, the mean of each frame is one of those of the films.
    means = clip["samples"].numpy().mean((2, 3))
    assert np.abs(means[:, :, None, None] - own).min((2, 3)).max() < 1e-3
    np.testing.assert_allclose(clip["scenes"], clip["samples"] / 2)


def test_some_clips_are_mirrored_and_some_are_not():
    data = films()
    clip = next(iter(clips(data, 0)))["samples"].numpy()
    frames = data.samples.reshape(-1, *SIZE)
    turned = [
        (np.abs(frames[:, ::down, ::right] - first).max((1, 2)) < 1e-4).any()
        for first in clip[:, 0]
        for down in (1, -1)
        for right in (1, -1)
    ]
    # Each clip is found in one of the four ways, and each way is found.
    turned = np.array(turned).reshape(BATCH, 4)
    assert (turned.sum(1) == 1).all() and turned.any(0).all()
