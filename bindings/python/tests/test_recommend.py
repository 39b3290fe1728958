"""`recommend`: one tip, stable until it is reacted to."""

import datetime as dt
import math
import pickle

import pytest

import oo


def test_recommend_answers_a_tip(engine):
    tip = engine.recommend("u")
    assert tip.content and tip.why
    assert tip.kind in ("todo", "advice")
    assert 0 < tip.propensity <= 1
    assert tip.expires.tzinfo is not None and tip.expires > tip.decided_at
    assert tip.candidates >= 1 and not tip.returned
    assert pickle.loads(pickle.dumps(tip)) == tip
    assert tip.content in repr(tip)
    assert all(isinstance(reason, oo.Reason) for reason in tip.reasons)


def test_pull_is_stable(engine):
    tip = engine.recommend("u")
    assert all(engine.recommend("u").id == tip.id for _ in range(5))
    engine.react(tip, "done")
    assert engine.recommend("u").id != tip.id


def test_a_request_id_answers_the_same_decision_again(engine):
    tip = engine.recommend("u", request_id="r-1")
    engine.react(tip, "done")
    assert engine.recommend("u", request_id="r-1").id == tip.id
    assert engine.recommend("u", request_id="r-2").id != tip.id


def test_candidates_of_the_caller(engine):
    offered = [
        {
            "id": "walk",
            "content": "Walk around the block",
            "kind": "advice",
            "category": "movement",
            "expires": dt.datetime(2026, 3, 2, 20, tzinfo=dt.timezone.utc),
            "effort_min": 10,
        },
        {"id": "call", "content": "Call the bank", "kind": "todo", "due": dt.date(2026, 3, 2), "priority": 1},
    ]
    seen = set()
    for n in range(40):
        tip = engine.recommend(f"u-{n}", candidates=offered)
        if tip.source == "caller":
            seen.add(tip.candidate)
            if tip.candidate == "call":
                assert tip.due == dt.date(2026, 3, 2)
    assert seen


@pytest.mark.parametrize(
    ("candidate", "field"),
    [
        ({"id": "a", "content": "x", "colour": "red"}, "candidates"),
        ({"id": "a"}, "candidates"),
        ({"id": "", "content": "x"}, "id"),
        ({"id": "a", "content": "x", "kind": "wish"}, "kind"),
        ({"id": "a", "content": "x", "category": "astrology"}, "category"),
        ({"id": "a", "content": "x", "features": {"f": math.nan}}, "f"),
        ({"id": "a", "content": "x", "features": {"f": "much"}}, "f"),
        ({"id": "a", "content": "x", "priority": 9}, "priority"),
        ({"id": "a", "content": "x", "due": "soon"}, "due"),
        ({"id": "a", "content": "x", "expires": dt.datetime(2026, 3, 2)}, "expires"),
    ],
)
def test_wrong_candidates_are_refused(engine, candidate, field):
    with pytest.raises(oo.InvalidInputError) as caught:
        engine.recommend("u", candidates=[candidate])
    assert caught.value.field == field


def test_candidates_that_hold_themselves_are_refused(engine):
    loop = []
    loop.append(loop)
    with pytest.raises(oo.InvalidInputError, match="nested"):
        engine.recommend("u", candidates=loop)


def test_recommend_with_says_why_there_is_none(engine):
    engine.set_preferences("u", daily_cap=1)
    first = engine.recommend_with("u")
    assert first.reason is None
    engine.react(first.tip, "done")
    assert engine.recommend_with("u") == oo.Recommendation(tip=None, reason="daily_cap")
    assert engine.recommend("u") is None


def test_shown_is_checked(engine):
    assert engine.recommend("u", shown="reported")
    with pytest.raises(oo.InvalidInputError):
        engine.recommend("u", shown="later")


@pytest.mark.parametrize("user", ["", "x" * 257, "a\nb", "a\ud800b"])
def test_malformed_users_are_refused(engine, user):
    with pytest.raises(oo.InvalidInputError):
        engine.recommend(user)
