import keras
import numpy as np
import pytest

from edgedet.geometry import ltrb
from edgedet.geometry.centerness import centerness
from edgedet.geometry.points import level_points
from edgedet.targets import FcosAssigner, assign_fcos

# The published levels at 320 x 320.
SIZES, STRIDES = [(40, 40), (20, 20), (10, 10)], [8, 16, 32]
RANGES = [(0, 64), (64, 128), (128, float("inf"))]


def assign_one_level(asarray, boxes, labels, bounds=(0, 64), size=(4, 4), ignored=None):
    """Assign on stride 8: points 4, 12, 20 and 28 along each axis."""
    if ignored is not None:
        ignored = asarray(ignored, bool)
    boxes = asarray(np.reshape(boxes, (-1, 4)))
    (level,) = assign_fcos(boxes, asarray(labels, "int32"), [size], [8], [bounds], ignored)
    return {name: np.asarray(value) for name, value in level.items()}


def test_a_box_by_hand(asarray):
    level = assign_one_level(asarray, [[2, 6, 18, 24]], [7])
    # Columns 4 and 12, rows 12 and 20 of the 4 x 4 points.
    positive = np.zeros((4, 4), bool)
    positive[1:3, 0:2] = True
    np.testing.assert_array_equal(level["labels"].reshape(4, 4), np.where(positive, 7, -1))
    ltrb = level["ltrb"].reshape(4, 4, 4)
    np.testing.assert_array_equal(ltrb[1, 0], [2, 6, 14, 12])
    np.testing.assert_array_equal(ltrb[2, 1], [10, 14, 6, 4])
    assert not ltrb[~positive].any()
    # sqrt(2/14 * 6/12), and 0 at background.
    assert level["centerness"].reshape(4, 4)[1, 0] == pytest.approx((1 / 14) ** 0.5)
    assert not level["centerness"].reshape(4, 4)[~positive].any()
    assert not level["ignored"].any()


def test_the_border_is_inside(asarray):
    # Every side of the box goes through points; half a pixel less and they are outside.
    level = assign_one_level(asarray, [[4, 4, 20, 20]], [0])
    assert (level["labels"] == 0).sum() == 9
    level = assign_one_level(asarray, [[4.5, 4.5, 19.5, 19.5]], [0])
    assert (level["labels"] == 0).sum() == 1


@pytest.mark.parametrize(("right", "bounds", "found"), [
    # The point at 4 is 64 from a right side at 68: both levels take it.
    (68, (0, 64), True),
    (68, (64, 128), True),
    (68.5, (0, 64), False),
    (67.5, (64, 128), False),
    (132, (64, 128), True),
    (132, (128, float("inf")), True),
])  # fmt: skip
def test_both_ends_belong_to_the_range(asarray, right, bounds, found):
    level = assign_one_level(asarray, [[0, 0, right, 8]], [0], bounds, size=(1, 40))
    assert (level["labels"][0] == 0) == found


def test_the_range_is_on_the_distance_not_on_the_size():
    # A box of 100 pixels, below 64 only around its middle: 4 x 4 points of stride 8, and on
    # stride 16 the 7 x 7 points inside but for the middle one.
    levels = assign_fcos(
        np.array([[118, 118, 218, 218]], "float32"), np.array([0]), SIZES, STRIDES, RANGES
    )
    assert [(level["labels"] == 0).sum() for level in levels] == [16, 48, 0]
    assert [level["labels"].shape for level in levels] == [(1600,), (400,), (100,)]
    assert [level["ltrb"].shape for level in levels] == [(1600, 4), (400, 4), (100, 4)]


def test_the_smallest_box_wins_wherever_it_stands(asarray):
    large, small = [0, 0, 32, 32], [8, 8, 24, 24]
    for boxes, labels in [([large, small], [1, 2]), ([small, large], [2, 1])]:
        level = assign_one_level(asarray, boxes, labels)
        expected = np.ones((4, 4), int)
        expected[1:3, 1:3] = 2
        np.testing.assert_array_equal(level["labels"].reshape(4, 4), expected)
        np.testing.assert_array_equal(level["ltrb"].reshape(4, 4, 4)[1, 1], [4, 4, 12, 12])


def test_of_equal_boxes_the_first_wins(asarray):
    # The same area, lying and standing; both hold the points around (12, 12).
    lying, standing = [0, 8, 32, 16], [8, 0, 16, 32]
    for boxes in ([lying, standing], [standing, lying]):
        level = assign_one_level(asarray, boxes, [5, 6])
        assert level["labels"].reshape(4, 4)[1, 1] == 5


def test_a_box_out_of_range_does_not_hide_a_larger_one(asarray):
    # At (28, 28) the small box reaches 24 px, less than the level wants; the large one 40.
    level = assign_one_level(asarray, [[4, 4, 32, 32], [0, 0, 68, 68]], [1, 2], (30, 64))
    assert level["labels"].reshape(4, 4)[3, 3] == 2


def test_padding_is_nobody(asarray):
    level = assign_one_level(asarray, [[0, 0, 32, 32], [4, 4, 20, 20]], [3, -1])
    assert (level["labels"] == 3).all()


@pytest.mark.parametrize("boxes", [[[20, 4, 4, 20]], [[np.nan] * 4]])
def test_boxes_that_are_none_match_nothing(asarray, boxes):
    level = assign_one_level(asarray, boxes, [0])
    assert (level["labels"] == -1).all()
    assert not level["ltrb"].any()


def test_ignore_regions(asarray):
    # The region covers everything, the object its middle; padding marked ignored covers nothing.
    level = assign_one_level(
        asarray, [[0, 0, 20, 32], [8, 8, 24, 24], [0, 0, 32, 32]], [0, 0, -1],
        ignored=[True, False, True],
    )  # fmt: skip
    positive = np.zeros((4, 4), bool)
    positive[1:3, 1:3] = True
    region = np.zeros((4, 4), bool)
    region[:, :3] = True
    np.testing.assert_array_equal(level["labels"].reshape(4, 4) >= 0, positive)
    np.testing.assert_array_equal(level["ignored"].reshape(4, 4), region & ~positive)


def test_a_batch_is_its_images(asarray, random_boxes):
    boxes = np.stack([random_boxes(seed, 5) for seed in range(3)])
    labels = np.array([[0, 1, 2, 3, 4], [4, 3, -1, -1, -1], [-1] * 5])
    ignored = labels == 3
    where = [(8, 12), (4, 6)], [8, 16], [(0, 20), (20, 1e9)]
    together = assign_fcos(asarray(boxes), asarray(labels, "int32"), *where, asarray(ignored, bool))
    for image in range(3):
        alone = assign_fcos(boxes[image], labels[image], *where, ignored[image])
        for level, expected in zip(together, alone, strict=True):
            for name in ("labels", "ltrb", "centerness", "ignored"):
                np.testing.assert_allclose(level[name][image], expected[name], err_msg=name)


def test_no_boxes_at_all(asarray):
    level = assign_one_level(asarray, np.zeros((0, 4)), [])
    assert (level["labels"] == -1).all()
    assert not level["ignored"].any()


def test_each_world_keeps_its_arrays():
    boxes, labels = np.array([[0, 0, 9, 9]], "float32"), np.array([0])
    (level,) = assign_fcos(boxes, labels, [(4, 4)], [8], [(0, 64)])
    assert all(isinstance(value, np.ndarray) for value in level.values())
    tensors = keras.ops.convert_to_tensor(boxes), keras.ops.convert_to_tensor(labels)
    (level,) = assign_fcos(*tensors, [(4, 4)], [8], [(0, 64)])
    assert all(keras.ops.is_tensor(value) for value in level.values())


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_a_loop_over_points_and_boxes(random_boxes, seed):
    boxes, labels = random_boxes(seed, 9), np.arange(9)
    ignored = np.arange(9) % 4 == 3
    bounds = [(0, 16), (12, 64)]
    levels = assign_fcos(boxes, labels, [(8, 12), (4, 6)], [8, 16], bounds, ignored)
    for level, size, stride, (low, high) in zip(
        levels, [(8, 12), (4, 6)], [8, 16], bounds, strict=True
    ):
        for place, (x, y) in enumerate(level_points(size, stride)):
            best, region, smallest = -1, False, np.inf
            for index, (x1, y1, x2, y2) in enumerate(boxes):
                sides = np.array([x - x1, y - y1, x2 - x, y2 - y])
                area = (x2 - x1) * (y2 - y1)
                if min(sides) < 0:
                    continue
                region |= bool(ignored[index])
                if not ignored[index] and low <= max(sides) <= high and area < smallest:
                    best, smallest, distances = index, area, sides
            assert level["labels"][place] == best
            assert level["ignored"][place] == (region and best < 0)
            if best >= 0:
                np.testing.assert_allclose(level["ltrb"][place], distances, atol=1e-4)
                assert level["centerness"][place] == pytest.approx(
                    float(centerness(distances)), abs=1e-5
                )


def assign(boxes, size=(320, 320), **settings):
    """Return the targets of one image of objects 0, 1, ..."""
    boxes = np.reshape(np.array(boxes, "float32"), (1, -1, 4))
    count = boxes.shape[1]
    truth = {
        "boxes": boxes,
        "labels": np.arange(count)[None],
        "ignored": np.zeros((1, count), bool),
        "known": np.ones((1, count), bool),
    }
    return FcosAssigner(size, STRIDES, **settings)(truth)


@pytest.mark.parametrize("seed", range(4))
def test_the_assigner_follows_the_same_rule(seed):
    # Boxes of at least a cell of the coarsest level, so that none needs a point found for it.
    generator = np.random.default_rng(seed)
    sides = generator.uniform(32, 300, (9, 2))
    sides[:3] = 60.0  # Equal ones: the first wins.
    start = generator.uniform(0, 1, (9, 2)) * (320 - sides)
    boxes = np.concatenate([start, start + sides], axis=1).astype("float32")
    found = assign(boxes)
    levels = assign_fcos(boxes, np.arange(9), SIZES, STRIDES, RANGES)
    labels = np.concatenate([level["labels"] for level in levels])
    np.testing.assert_array_equal(found.labels[0], labels)
    distances = np.concatenate([level["ltrb"] for level in levels])[labels >= 0]
    points, ones = np.asarray(found.points)[labels >= 0], np.ones((labels >= 0).sum())
    code = ltrb.encode(np.asarray(found.boxes[0])[labels >= 0], points, ones)
    np.testing.assert_allclose(code, distances, atol=1e-4)


@pytest.mark.parametrize(
    ("strides", "expected"),
    [((8, 16, 32), RANGES), ((4, 8), [(0, 32), (32, float("inf"))]), ((16,), [(0, float("inf"))])],
)
def test_levels_take_distances_up_to_eight_strides(strides, expected):
    assert FcosAssigner((64, 64), strides).size_ranges == tuple(expected)


def test_centre_sampling_by_hand():
    # Centre (168, 168), 100 wide and high. Within 1.5 strides: on stride 8 the points 4 off
    # and, with 58 to the side, 12 off at most: 4 x 4 points, as without centre sampling. On
    # stride 16 the points 0 and 16 off, of which the middle one, with 50, is out of range.
    box = [118, 118, 218, 218]
    counts = [
        np.bincount(np.log2(np.asarray(found.strides)[found.positive[0]]).astype(int), minlength=6)
        for found in (assign([box]), assign([box], radius=1.5), assign([box], radius=0.9))
    ]
    assert [count[3:].tolist() for count in counts] == [[16, 48, 0], [16, 8, 0], [4, 0, 0]]


def test_a_thin_box_between_the_columns_is_learned_by_the_nearest():
    # 3 wide and 200 high around x = 160, a line between cells: without help it has no point.
    box = [158.5, 60, 161.5, 260]
    labels = [
        level["labels"]
        for level in assign_fcos(
            np.array([box], "float32"), np.zeros(1, int), SIZES, STRIDES, RANGES
        )
    ]
    assert max(label.max() for label in labels) == -1
    found = assign([box])
    points = np.asarray(found.points)[found.positive[0]]
    strides = np.asarray(found.strides)[found.positive[0]]
    assert len(points) > 0
    assert set(strides) == {16, 32}  # At least 100 to the farther end.
    assert (np.abs(points[:, 0] - 160) <= strides / 2).all()
