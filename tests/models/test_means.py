from edgedet.models.means import Means


def test_means_by_hand():
    means = Means(("loss", "box"))
    means.update({"loss": 1.0, "box": 4.0})
    found = means.update({"loss": 2.0, "box": 0.0})
    assert {name: float(value) for name, value in found.items()} == {"loss": 1.5, "box": 2.0}


def test_an_epoch_begins_anew():
    means = Means(("loss",))
    means.update({"loss": 1.0})
    assert [metric.name for metric in means.metrics] == ["loss"]
    for metric in means.metrics:
        metric.reset_state()
    assert float(means.update({"loss": 5.0})["loss"]) == 5.0
