"""Waits double while looking fails, and what succeeds makes up for it."""

from edgedet.runtime.sparse.backoff import Backoff


def told(backoff, share, frames):
    """Return what becomes of frames, of each of which so much would be computed."""
    kinds = ""
    for _ in range(frames):
        if backoff.rests():
            kinds += "."
        else:
            renewing = backoff.renewing
            backoff.saw(share)
            kinds += "n" if renewing else "d" if backoff.resting else "L"
    return kinds


def test_while_looking_fails_waits_double_up_to_a_limit():
    # L is looked at, d is looked at and forgotten, a point is not looked at, n is remembered anew.
    # From a half, by an eighth of what is left to 1.2: .7 (7/8)^9 = .21, and one more is enough.
    first = "L" * 9 + "d" + "." * 8 + "nd" + "." * 16 + "nd" + "." * 32
    assert told(Backoff(), 1.2, 160) == (first + ("nd" + "." * 32) * 3)[:160]


def test_what_costs_less_than_a_frame_is_always_looked_at():
    assert told(Backoff(), 0.95, 200) == "L" * 200


def test_another_scene_now_and_then_is_no_failure():
    backoff = Backoff()
    for _ in range(20):
        assert told(backoff, 1.2, 3) + told(backoff, 0.4, 9) == "L" * 12


def test_frames_that_save_much_make_up_for_some_that_do_not():
    backoff = Backoff()
    assert "".join(told(backoff, share, 1) for share in 40 * (1.5, 0.3)) == "L" * 80
    assert "." in "".join(told(backoff, share, 1) for share in 40 * (1.5, 0.7))


def test_after_the_longest_wait_one_frame_that_saves_all_is_enough():
    backoff = Backoff()
    told(backoff, 1.2, 10 + 8 + 2 + 16 + 2 + 32)
    assert told(backoff, 0, 50) == "n" + "L" * 49


def test_what_succeeds_halves_the_next_wait():
    backoff = Backoff()
    told(backoff, 1.2, 10 + 8 + 2 + 16)
    # The next wait would be of 32 frames; three that are below a frame on average make it 8.
    assert told(backoff, 0, 2) == "nL"
    assert told(backoff, 1.2, 12) == "LLd" + "." * 8 + "n"


def test_a_frame_that_is_renewed_says_nothing():
    backoff = Backoff()
    told(backoff, 1.2, 10 + 8)
    # Were it a success, the next would not fail.
    assert told(backoff, 0, 1) + told(backoff, 1.2, 18) == "nd" + "." * 16 + "n"
