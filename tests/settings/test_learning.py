from edgedet.losses.detection import BOX_LOSSES, CLASS_LOSSES
from edgedet.settings import Loss
from edgedet.settings.setting import flatten


def test_the_choices_are_what_there_is():
    # Settings are read where Keras cannot be imported, so the names stand there too.
    fields = flatten(Loss())
    assert set(fields["--class-loss"][1].metadata["options"]) == set(CLASS_LOSSES)
    assert set(fields["--box-loss"][1].metadata["options"]) == set(BOX_LOSSES)
