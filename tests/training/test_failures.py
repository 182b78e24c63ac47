import pytest
import tensorflow as tf

from edgedet.errors import DataError, EdgedetError
from edgedet.training import Recipe
from edgedet.training.failures import explained

GONE = "/faces/1.jpg; No such file or directory\n\t [[{{node ReadFile}}]] [[IteratorGetNext]]"


def test_a_lost_image_is_named_with_the_cure():
    found = explained(tf.errors.NotFoundError(None, None, GONE), Recipe(data=("a", "b")))
    assert isinstance(found, DataError)
    assert str(found) == (
        "a, b: an image can be read no more (/faces/1.jpg; No such file or directory).\n"
        "Bring the data back, then start again; `edgedet train` goes on with --resume after "
        "the last finished epoch."
    )


def test_what_stands_before_the_reason_is_left_out():
    message = f"Graph execution error:\n\nDetected at node ReadFile defined at:\n{GONE}"
    found = explained(tf.errors.NotFoundError(None, None, message), Recipe(data=("a",)))
    assert "(/faces/1.jpg; No such file or directory)" in str(found)


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.InvalidArgumentError(None, None, "shapes do not fit"),
        tf.errors.ResourceExhaustedError(None, None, "no memory [[IteratorGetNext]]"),
        tf.errors.UnavailableError(None, None, "no connection"),
    ],
)
def test_any_other_error_is_a_bug_and_stays(error):
    assert explained(error, Recipe()) is error


def test_a_lost_machine():
    error = tf.errors.UnavailableError(None, None, "failed to connect")
    found = explained(error, Recipe(strategy="multiworker"))
    assert type(found) is EdgedetError
    assert "a machine of TF_CONFIG does not answer any more (failed to connect).\n" in str(found)
