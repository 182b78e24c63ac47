"""Tools that save a model refuse a name that Keras cannot save at, before any work."""

import pytest

# What each is called with, but for the file to write.
WORDS = {
    "average_models": ("{out}", "nowhere.keras", "--data", "nowhere"),
    "shift_scores": ("nowhere.keras", "{out}", "--data", "nowhere"),
    "pretrain_on_crops": ("nexus-coco", "{out}", "--data", "nowhere"),
}


@pytest.fixture
def call(load_tool, monkeypatch, tmp_path):
    """Return a function that calls a tool in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def calling(name, out):
        words = [word.format(out=out) for word in WORDS[name]]
        monkeypatch.setattr("sys.argv", [name, *words])
        load_tool(name).main()

    return calling


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    ("out", "found", "cure"),
    [
        ("crops.h5", ".h5", "crops.keras"),
        ("crops", "none", "crops.keras"),
        # A folder has no name to make another of.
        (".", "none", "model.keras"),
    ],
)
def test_other_names_are_refused(call, name, out, found, cure):
    message = rf"expected a name that ends in \.keras, found {found}\.\nName it {cure}"
    with pytest.raises(SystemExit, match=f"^{name}: {out}: {message}"):
        call(name, out)


@pytest.mark.parametrize("name", WORDS)
def test_a_folder_is_refused(call, tmp_path, name):
    (tmp_path / "crops.keras").mkdir()
    with pytest.raises(SystemExit, match=f"^{name}: crops.keras: .* found a folder"):
        call(name, "crops.keras")
