import numpy as np
import pytest

from edgedet.runtime.tracking.confidence import Evidence, to_log_odds, to_score

EVIDENCE = Evidence(agreement=0.5, miss=2.0, limit=5.0, half_life=30.0)


def test_log_odds_by_hand():
    # 1 to 3, 1 to 1, 4 to 1.
    np.testing.assert_allclose(to_log_odds([0.25, 0.5, 0.8]), [-np.log(3), 0, np.log(4)])
    np.testing.assert_allclose(to_score(to_log_odds([0.01, 0.3, 0.999])), [0.01, 0.3, 0.999])
    assert np.isfinite(to_log_odds([0.0, 1.0])).all()


def matched(before, score, known, min_score=0.3):
    return EVIDENCE.matched(np.array([before]), np.array([known]), np.array([score]), min_score)[0]


def test_scores_count_by_how_much_better_they_are_than_the_least():
    # .75 is 3 to 1, .25 is 1 to 3: nine times better.
    assert matched(0.0, 0.75, False, min_score=0.25) == pytest.approx(np.log(9))
    # The least score says nothing by itself.
    assert matched(1.0, 0.25, False, min_score=0.25) == pytest.approx(1.0)


def test_a_known_object_is_expected_where_it_is():
    assert matched(0.0, 0.75, True, min_score=0.25) == pytest.approx(np.log(9) + 0.5)


def test_doubtful_detections_take_away_but_never_more_than_a_miss():
    after = matched(3.0, 0.1, True)
    assert after == pytest.approx(3 + np.log(1 / 9) - np.log(3 / 7) + 0.5)
    assert after < 3
    assert matched(3.0, 0.0001, True) == 3 - 2.0


def test_evidence_accumulates_to_a_limit():
    seen = [0.0]
    for _ in range(10):
        seen.append(matched(seen[-1], 0.6, False))
    assert seen[0] < seen[1] < seen[2]
    assert seen[-1] == 5.0


def test_misses_add_up():
    np.testing.assert_allclose(EVIDENCE.missed(np.array([5.0, 1.0]), frames=2), [1.0, -3.0])


@pytest.mark.parametrize("before", [4.0, -2.0])
def test_what_is_not_looked_at_ages_to_ignorance(before):
    np.testing.assert_allclose(EVIDENCE.unseen(np.array([before]), 30), before / 2)
    half = EVIDENCE.unseen(np.array([before]), 15)
    np.testing.assert_allclose(EVIDENCE.unseen(half, 15), before / 2)


def test_scores_mean_what_was_measured_of_them():
    # Three times as far from neutral as the log-odds of the scores; .6 says nothing.
    evidence = Evidence(slope=3.0, neutral=0.6, agreement=0.0)
    np.testing.assert_allclose(evidence.log_odds([0.6]), [0], atol=1e-12)
    apart = to_log_odds(0.8) - to_log_odds(0.6)
    np.testing.assert_allclose(evidence.log_odds([0.8]), [3 * apart])
    # Such a detection speaks for the object, whatever the least score worth reporting.
    after = evidence.matched(np.zeros(2), np.zeros(2, bool), np.array([0.6, 0.7]), 0.3)
    np.testing.assert_allclose(after, [0, 3 * (to_log_odds(0.7) - to_log_odds(0.6))], atol=1e-9)


def test_scores_are_taken_at_their_word_otherwise():
    np.testing.assert_allclose(Evidence().log_odds([0.3, 0.9]), to_log_odds([0.3, 0.9]))
