"""Consents: which kinds of signal a person agrees to."""

import pytest

import oo


def test_consents_are_granted_by_default(engine):
    assert engine.consents("u") == oo.Consents(task=True, habit=True, calendar=True, mood=True, context=True)


def test_what_is_left_out_stays(engine):
    assert not engine.set_consents("u", mood=False).mood
    after = engine.set_consents("u", habit=False)
    assert (after.mood, after.habit, after.task) == (False, False, True)


def test_a_denied_kind_is_refused_and_not_stored(engine):
    engine.set_consents("u", mood=False)
    before = engine.health().position
    with pytest.raises(oo.DeniedError) as caught:
        engine.ingest("u", [oo.task("t", "x"), oo.mood(3)])
    assert caught.value.field == "mood"
    assert engine.health().position == before
    engine.set_consents("u", mood=True)
    assert engine.ingest("u", oo.mood(3)).accepted == 1


def test_denied_until_granted(path):
    with oo.Engine(path, settings={"consent_by_default": False}) as engine:
        assert not engine.consents("u").task
        with pytest.raises(oo.DeniedError):
            engine.ingest("u", oo.task("t", "x"))


def test_an_unknown_kind_is_no_argument(engine):
    with pytest.raises(TypeError):
        engine.set_consents("u", dreams=True)
