import keras
import numpy as np
import pytest

from edgedet.models.heads import dense_head, head_names, prior_logit
from edgedet.outputs import KINDS

ALL = ("class_logits", "box_raw", "quality_logits", "box_log_variance")


def network(kinds=ALL, num_classes=3, width=8):
    """Return a head as a network on 4 x 6 cells of five channels."""
    features = keras.Input((4, 6, 5))
    return keras.Model(features, dense_head(features, num_classes, width, "p4", kinds))


def cells(seed=0):
    return np.random.default_rng(seed).uniform(0, 6, (2, 4, 6, 5)).astype("float32")


@pytest.mark.parametrize("kinds", [ALL, ALL[:2], ("box_raw", "class_logits", "objectness_logits")])
def test_it_says_what_it_is_asked_for_in_the_channels_of_each_kind(kinds):
    expected = {f"p4_{kind}": (None, 4, 6, KINDS[kind].channels or 3) for kind in kinds}
    assert {name: tensor.shape for name, tensor in network(kinds).output.items()} == expected


def test_the_prior_is_a_probability():
    # A hundredth: 99 to 1 against.
    assert prior_logit(0.01) == pytest.approx(-np.log(99))
    assert prior_logit(0.5) == 0


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("class_logits", -np.log(99)),
        ("objectness_logits", -np.log(99)),
        # Softplus makes it 1.3 strides: about the smallest object of a level.
        ("box_raw", 1.0),
        ("quality_logits", 0.0),
        ("centerness_logits", 0.0),
        # Variance 1: the box loss counts in full.
        ("box_log_variance", 0.0),
    ],
)
def test_what_an_output_says_before_anything_is_learned(kind, start):
    kinds = {"class_logits": None, "box_raw": None, kind: None}
    found = network(tuple(kinds))(cells())[f"p4_{kind}"]
    np.testing.assert_allclose(found, start, atol=0.3)
    assert np.std(found) > 0, "it looks at the features"


def test_classes_have_a_branch_of_their_own_and_boxes_share_theirs():
    # Whatever lies on the path from an output down to the features.
    built = network()
    learned = {name: branch(built, f"p4_{name}") for name in ALL}
    assert learned["class_logits"] == "p4_class"
    assert {learned[name] for name in ALL[1:]} == {"p4_box"}


def branch(built, output):
    """Return the prefix of the layer that an output reads."""
    (source,) = (node.operation for node in built.get_layer(output)._inbound_nodes[0].parent_nodes)
    return source.name.removesuffix("_act")


def test_parameters_by_hand():
    # Each branch: a depthwise 3x3 on five channels, 1x1 to eight, and four numbers of the norm
    # for each. Each output: 1x1 from eight with bias.
    branches = 2 * (9 * 5 + 5 * 8 + 4 * 8)
    assert network().count_params() == branches + (3 + 4 + 1 + 4) * (8 + 1)


def test_its_outputs_are_known_before_it_is_made():
    assert set(head_names("p4", ALL)) == set(network().output_names)
