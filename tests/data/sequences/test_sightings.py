import numpy as np

from edgedet.data.sequences import sightings
from edgedet.data.sequences.sightings import sight

LENGTH, COUNT = 400, 40


def sighted(visible=1.0, seed=0):
    boxes = np.tile([100.0, 50, 140, 140], (LENGTH, COUNT, 1))
    visible = np.broadcast_to(np.asarray(visible), (LENGTH, COUNT))
    return boxes, sight(boxes, visible, np.random.default_rng(seed))


def test_errors_are_as_large_as_they_should_be():
    size = np.sqrt(40 * 90)
    for seed in range(8):
        boxes, seen = sighted(seed=seed)
        share = (seen.boxes - boxes).std() / size
        low, high = sightings.JITTER
        assert 0.9 * low < share < 1.1 * high
        # What the detector says of them is near the truth, but not the truth.
        ratio = seen.std.mean() / (seen.boxes - boxes).std()
        assert 0.3 < ratio < 3 and seen.std.std() > 0


def test_neighbouring_frames_err_alike():
    boxes, seen = sighted(seed=3)
    errors = seen.boxes - boxes
    near = (errors[1:] * errors[:-1]).mean() / (errors**2).mean()
    far = (errors[200:] * errors[:-200]).mean() / (errors**2).mean()
    assert abs(far) < 0.15
    assert near > far


def test_the_hidden_are_missed_and_nothing_is_seen_where_nothing_is():
    shares = [sighted(share)[1].seen.mean() for share in (1.0, 0.3, 0.0)]
    assert shares[0] > shares[1] > shares[2] == 0
