import logging

from edgedet.data.image_files import ImageFiles


def test_the_first_folder_that_has_a_file_wins(tmp_path):
    for place in ("one/a.jpg", "two/a.jpg", "two/sub/b.jpg"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    files = ImageFiles([tmp_path / "none", tmp_path / "one", tmp_path / "two"])
    assert files.find("a.jpg") == tmp_path / "one" / "a.jpg"
    assert files.find("sub/b.jpg") == tmp_path / "two" / "sub" / "b.jpg"
    assert files.find("b.jpg") is None


def test_missing_files_are_named_and_counted(tmp_path, caplog):
    names = [f"{number}.jpg" for number in range(20)]
    (tmp_path / "0.jpg").touch()
    with caplog.at_level(logging.WARNING):
        found = ImageFiles([tmp_path]).find_all(names, [f"line {n}" for n in range(20)])
    assert found == [tmp_path / name for name in names]
    assert "line 1: there is no image 1.jpg" in caplog.text
    assert "19 of 20 images" in caplog.text
    assert len(caplog.records) == 4
