"""`history` and `decisions`: past tips."""

import dataclasses

import pytest

import oo


def test_history_newest_first(engine):
    tips = []
    for reaction in ("done", "dismiss"):
        tips.append(engine.recommend("u"))
        engine.react(tips[-1], reaction)
    tips.append(engine.recommend("u"))
    past = engine.history("u")
    assert [one.id for one in past] == [tip.id for tip in reversed(tips)]
    assert [one.state for one in past] == ["open", "dismissed", "done"]
    assert past[0].content == tips[-1].content and past[0].propensity == tips[-1].propensity
    assert past[0].decided_at == tips[-1].decided_at
    assert dataclasses.asdict(past[2])["reward"] == 1.0
    assert len(engine.history("u", 1)) == len(engine.history("u", limit=1)) == 1
    assert engine.history("u", 0) == []


def test_history_of_somebody_unknown(engine):
    assert engine.history("nobody") == []


def test_decisions_over_all_people_without_texts(engine):
    for n in range(3):
        engine.recommend(f"u-{n}")
    decisions = engine.decisions()
    assert len(decisions) == 3 and all(one.content == "" for one in decisions)
    assert len(engine.decisions(2)) == 2


@pytest.mark.parametrize("limit", [-1, 2**70])
def test_a_limit_is_a_count(engine, limit):
    with pytest.raises(oo.InvalidInputError):
        engine.history("u", limit)


def test_metrics_count(engine):
    engine.react(engine.recommend("u"), "done")
    counts = engine.metrics()
    assert counts["decisions"] == 1 and counts["reactions"] == 1
