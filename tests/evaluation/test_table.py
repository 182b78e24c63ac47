from edgedet.evaluation.table import table_of, tracking_table_of


def rows(text):
    return [line.split() for line in text.splitlines()]


def test_numbers_stand_in_the_order_of_their_groups():
    metrics = {
        "hard": 0.25, "easy": 0.5, "ap": 0.125, "ap50": None, "images": 3, "skipped": 1,
        "per_class": {"cat": 0.75, "dog": None},
        "per_set": {"zoo": {"ap50": 0.5, "per_class": {"cat": 1.0}}},
    }  # fmt: skip
    assert rows(table_of(metrics, "m on d, val")) == [
        ["m", "on", "d,", "val:", "3", "images,", "1", "unreadable", "and", "skipped"],
        [],
        ["ap", "0.125"],
        ["ap50", "-"],
        ["easy", "0.500"],
        ["hard", "0.250"],
        [],
        ["AP50", "of", "each", "class"],
        ["cat", "0.750"],
        ["dog", "-"],
        [],
        ["zoo"],
        ["ap50", "0.500"],
        ["cat", "1.000"],
    ]


def test_counts_are_whole_numbers():
    one = {"ap50": 0.5, "mota": 0.25, "idf1": None, "idsw": 7, "compute": 1.0}
    metrics = {**one, "images": 2, "skipped": 0, "sequences": {"walk": one}}
    numbers = [["ap50", "0.500"], ["mota", "0.250"], ["idf1", "-"], ["idsw", "7"]]
    numbers.append(["compute", "1.000"])
    assert rows(tracking_table_of(metrics, "m on d")) == [
        ["m", "on", "d:", "2", "images"], [], *numbers, [], ["walk"], *numbers,
    ]  # fmt: skip
