"""`react`: what a person did with a tip."""

import datetime as dt
import uuid

import pytest

import oo


def test_done_is_learned_at_once(engine):
    tip = engine.recommend("u")
    before = engine.health()
    assert engine.react(tip, "done") == oo.Reacted(status="applied", reward=1.0)
    after = engine.health()
    assert after.lessons == before.lessons + 1 and after.state_hash != before.state_hash


def test_a_tip_its_id_or_a_uuid(engine):
    for n, form in enumerate([lambda tip: tip, lambda tip: tip.id, lambda tip: uuid.UUID(tip.id)]):
        tip = engine.recommend(f"u-{n}")
        assert engine.react(form(tip), "dismiss", reason="not_now").reward == pytest.approx(-0.3, abs=1e-3)


def test_twice_is_once(engine):
    tip = engine.recommend("u")
    assert engine.react(tip, "done", id="m-1").status == "applied"
    state = engine.health().state_hash
    assert engine.react(tip, "done", id="m-1").status == "duplicate"
    assert engine.health().state_hash == state


def test_a_later_reaction_revises(engine):
    one = engine.recommend("u")
    engine.react(one, "dismiss")
    assert engine.react(one, "done").reward == 1.0
    assert engine.health().lessons == 1


def test_snooze_brings_it_back_in_time(engine, world):
    tip = engine.recommend("u")
    until = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone.utc)
    assert engine.react(tip, "snooze", until=until).status == "applied"
    assert engine.recommend("u").id != tip.id
    world.move("2026-03-02T09:00:01Z")
    back = engine.recommend("u")
    assert back.id == tip.id and back.returned


def test_an_unknown_decision_is_parked(engine):
    assert engine.react("0198a8f0-0000-7000-8000-000000000001", "done") == oo.Reacted("parked", None)
    assert engine.health().parked == 1


def test_late_is_stored_and_revises_nothing(engine, world):
    tip = engine.recommend("u")
    world.move("2026-03-10T08:00:01Z")
    assert engine.react(tip, "done").status == "late"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("not an id", "done", {}), "tip"),
        ((None, "like", {}), "reaction"),
        ((None, "snooze", {}), "until"),
        ((None, "snooze", {"until": "tomorrow"}), "until"),
        ((None, "snooze", {"until": 1_700_000_000}), "until"),
        ((None, "snooze", {"until": dt.datetime(2026, 3, 2)}), "until"),
        ((None, "done", {"until": "2026-03-03T08:00:00Z"}), "until"),
        ((None, "dismiss", {"reason": "bored"}), "reason"),
        ((None, "done", {"reason": "never"}), "reason"),
        ((None, "done", {"at": "2030-01-01T00:00:00Z"}), "at"),
        ((None, "done", {"id": ""}), "id"),
    ],
)
def test_malformed_reactions_are_refused(engine, arguments, field):
    tip, reaction, more = arguments
    tip = tip or engine.recommend("u")
    with pytest.raises(oo.InvalidInputError) as caught:
        engine.react(tip, reaction, **more)
    assert caught.value.field == field
