import keras
import pytest
import tensorflow as tf

from edgedet.errors import DataError, EdgedetError
from edgedet.training import Recipe
from edgedet.training.failures import explained, explaining

GONE = "/faces/1.jpg; No such file or directory\n\t [[{{node ReadFile}}]] [[IteratorGetNext]]"


def test_a_lost_image_is_named_with_the_cure():
    found = explained(tf.errors.NotFoundError(None, None, GONE), Recipe(data=("a", "b")))
    assert isinstance(found, DataError)
    assert str(found) == (
        "a, b: an image can be read no more (/faces/1.jpg; No such file or directory).\n"
        "Bring the data back, then start again; `edgedet train` goes on with --resume after "
        "the last finished epoch."
    )


@pytest.mark.parametrize("node", ["{{node", "{{function_node map_while_body_42}}{{node"])
def test_what_stands_before_the_reason_is_left_out(node):
    reason = GONE.replace("{{node", node)
    message = f"Graph execution error:\n\nDetected at node ReadFile defined at:\n{reason}"
    found = explained(tf.errors.NotFoundError(None, None, message), Recipe(data=("a",)))
    assert "(/faces/1.jpg; No such file or directory)" in str(found)


def test_the_cure_is_that_of_the_command():
    error = tf.errors.NotFoundError(None, None, GONE)
    said = pytest.raises(DataError, match=r"directory\)\.\nBring it back\.$")
    with said, explaining(Recipe(data=("a",)), "Bring it back."):
        raise error


def read_each(names):
    """Return what reads files one by one, as the batches of edgedet do."""
    return tf.map_fn(tf.io.read_file, names, fn_output_signature=tf.string)


def in_a_fit(batches):
    """Go through batches as `fit` does, in a graph."""
    network = keras.Sequential([keras.Input([1]), keras.layers.Dense(1)])
    network.compile(loss="mse")
    batches = batches.map(lambda files: 2 * (tf.zeros_like(files, tf.float32)[:, None],))
    network.fit(batches, shuffle=False)


@pytest.mark.parametrize("go_through", [list, in_a_fit])
def test_what_tensorflow_says_itself(tmp_path, go_through):
    batches = tf.data.Dataset.from_tensors([str(tmp_path / "1.jpg")]).map(read_each)
    with pytest.raises(DataError) as raised, explaining(Recipe(data=("a",))):
        go_through(batches)
    reason = f"({tmp_path}/1.jpg; No such file or directory)"
    assert str(raised.value).startswith(f"a: an image can be read no more {reason}.\n")


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
