from edgedet.runtime.sources.pace import Pace


def test_what_was_dropped_and_how_late_the_answers_were():
    pace = Pace()
    for number, delay in ((0, 0.03), (2, 0.05), (5, 0.04)):
        pace.add(number, delay)
    assert str(pace) == (
        "3 frames answered, 3 dropped meanwhile, 40 ms from arrival to answer on average"
    )


def test_no_frame_at_all():
    assert str(Pace()).startswith("0 frames answered, 0 dropped")
