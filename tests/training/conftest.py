import keras
import pytest

from edgedet.models import MODELS, Detector
from edgedet.models.blocks import conv
from edgedet.models.heads import dense_head
from edgedet.settings import Optimization
from edgedet.training import Recipe


@keras.saving.register_keras_serializable(package="edgedet-tests")
class Tiny(Detector):
    """A detector that compiles in a second: three convolutions and one level, P3."""

    size_ranges = ((0.0, float("inf")),)

    def __init__(self, input_size=(64, 64), class_names=("face",), **kwargs):
        images = keras.Input((*input_size, 3))
        features = images
        for step in range(3):
            features = conv(features, 8, stride=2, name=f"c{step}")
        network = keras.Model(images, dense_head(features, len(class_names), 8, "p3"))
        super().__init__(network, input_size, (8,), class_names, **kwargs)

    def get_config(self):
        own = {"input_size": self.input_size, "class_names": self.class_names}
        return {**super().get_config(), **own}


@pytest.fixture(autouse=True, scope="module")
def tiny_may_be_trained():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, "tiny", Tiny)
        yield


@pytest.fixture
def tiny():
    keras.utils.set_random_seed(0)
    return Tiny()


@pytest.fixture(scope="session")
def faces(write_faces, tmp_path_factory):
    """Six drawn images to train on, two to evaluate on."""
    return write_faces(tmp_path_factory.mktemp("faces"), train=6, val=2)


@pytest.fixture(scope="session")
def recipe(faces):
    return Recipe(
        "tiny", (str(faces),), input_size=(64, 64), epochs=2, batch_size=2, evaluate_every=1,
        optimization=Optimization(warmup_epochs=0.5),
    )  # fmt: skip
