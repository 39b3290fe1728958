"""`ingest`: signals of a life."""

import datetime as dt
import json
import math

import numpy as np
import pytest

import oo

UTC = dt.timezone.utc


def test_every_kind_of_signal(engine):
    signals = [
        oo.task("t1", "File taxes", due="2026-03-03", priority=1, effort_min=30),
        oo.task("t2", "Call", due=dt.datetime(2026, 3, 3, 10, tzinfo=UTC)),
        oo.habit("h1", "Run", per_week=3),
        oo.habit("h1", event="done"),
        oo.calendar("e1", "Meeting", start="2026-03-02T10:00:00Z", end=dt.datetime(2026, 3, 2, 11, tzinfo=UTC)),
        oo.mood(4, energy=np.float32(3), note="fine"),
    ]
    assert engine.ingest("u", signals).accepted == len(signals)
    assert engine.ingest("u", oo.task("t3", "One more")).accepted == 1


def test_helpers_give_the_json_form():
    assert oo.task("t1", "File taxes", due=dt.date(2026, 11, 30)) == {
        "kind": "task",
        "id": "t1",
        "title": "File taxes",
        "due": "2026-11-30",
    }
    assert oo.mood(3) == {"kind": "mood", "level": 3}
    assert oo.context("at_home", 1.0) == {"kind": "context", "name": "at_home", "value": 1.0}


def test_a_task_becomes_a_tip(engine):
    engine.ingest("u", [oo.task(f"t{n}", f"Task {n}", due="2026-03-01", priority=1) for n in range(10)])
    kinds = set()
    for n in range(12):
        tip = engine.recommend("u")
        kinds.add(tip.kind)
        engine.react(tip, "done")
    assert "todo" in kinds


def test_a_signal_id_makes_it_once(engine):
    signal = oo.task("t1", "File taxes", signal_id="s-1")
    assert engine.ingest("u", signal).accepted == 1
    again = engine.ingest("u", [signal, oo.mood(3)])
    assert (again.accepted, again.duplicates) == (1, 1)


def test_control_and_bidirectional_characters_are_taken_out(engine):
    engine.ingest("u", oo.task("t1", "File\x07 \u202etaxes\u2069"))
    exported = json.loads(engine.export("u").splitlines()[1])
    assert exported["title"] == "File taxes"


def test_all_or_none(engine):
    before = engine.health().position
    with pytest.raises(oo.InvalidInputError) as caught:
        engine.ingest("u", [oo.task("t1", "Good"), oo.mood(9)])
    assert caught.value.field == "level"
    assert engine.health().position == before


@pytest.mark.parametrize(
    ("signal", "field"),
    [
        ({"kind": "dream"}, "kind"),
        ({}, "kind"),
        (oo.task("t1", "x") | {"colour": "red"}, "signal"),
        (oo.task("", "x"), "id"),
        (oo.task("t1", "\x00\u202e "), "title"),
        (oo.task("t\x00", "x"), "id"),
        (oo.task("t1", "x" * 10_000_000), "title"),
        (oo.task("t1", "a\ud800b"), "title"),
        (oo.task("t1", "x", priority=7), "priority"),
        (oo.task("t1", "x", due="someday"), "due"),
        (oo.mood(math.nan), "level"),
        (oo.mood(math.inf), "level"),
        (oo.mood(10**30), "level"),
        (oo.context("no_such_feature", 1.0), None),
        (oo.calendar("e", start="2026-03-02T10:00:00Z", end="2026-03-02T09:00:00Z"), "end"),
        ({"kind": "mood", "level": object()}, "level"),
        ({1: 2}, None),
    ],
)
def test_malformed_signals_are_refused(engine, signal, field):
    before = engine.health().position
    with pytest.raises(oo.InvalidInputError) as caught:
        engine.ingest("u", signal)
    assert field is None or caught.value.field == field
    assert engine.health().position == before
