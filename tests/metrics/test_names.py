from edgedet.metrics import names


def test_names_are_those_that_scripts_rely_on():
    assert names.COCO == ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar100")
    assert names.WIDER_FACE == ("easy", "medium", "hard", "ap50_10pct", "ap50_20pct")
    assert names.POINTS == ("pd", "false_alarms")
    assert names.TRACKING == ("ap50", "mota", "idf1", "idsw", "compute")


def test_a_name_tells_its_share():
    assert [f"ap50_{share:.0%}" for share in names.LARGE_FACES.values()] == [
        name.replace("pct", "%") for name in names.LARGE_FACES
    ]
