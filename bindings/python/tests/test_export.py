"""`export` and `replay`."""

import json

import pytest

import oo


def test_export_holds_everything_as_json_lines(engine):
    engine.ingest("u", [oo.task("t1", "File taxes"), oo.mood(4, note="sunny")])
    tip = engine.recommend("u")
    engine.react(tip, "done")
    lines = [json.loads(line) for line in engine.export("u").splitlines()]
    assert lines[0] == {"type": "export", "format": "oo.export.v1", "user": "u"}
    assert {"signal", "decision", "reaction"} <= {line["type"] for line in lines}
    text = json.dumps(lines)
    assert "File taxes" in text and "sunny" in text and tip.content in text


def test_export_of_somebody_unknown_is_the_header(engine):
    assert len(engine.export("nobody").splitlines()) == 1


def test_replay_finds_the_same_bytes(engine):
    for n in range(10):
        tip = engine.recommend(f"u-{n}")
        engine.react(tip, "done" if n % 2 else "dismiss")
    replayed = engine.replay()
    assert replayed.differences == ()
    assert (replayed.lessons, replayed.pmfs) == (10, 10)
    assert replayed.state_hash == engine.health().state_hash


def test_an_export_is_written_to_a_file_that_forgetting_removes(engine, path):
    engine.ingest("u", oo.task("t1", "File taxes"))
    out = path.parent / "u.jsonl"
    exported = engine.export_to("u", out)
    header, *events = out.read_text().splitlines()
    # By its name in the header the store knows its own file again.
    assert json.loads(header).keys() == {"type", "format", "user", "file"}
    assert events == engine.export("u").splitlines()[1:] and exported.lines == 1 + len(events)
    with pytest.raises(oo.InvalidInputError):
        engine.export_to("u", out)
    assert engine.forget("u").exports == 1
    assert not out.exists()


def test_an_export_reads_back(engine):
    engine.ingest("u", [oo.task("t1", "File taxes"), oo.mood(4, note="sunny")])
    export = engine.export("u")
    engine.forget("u")
    imported = engine.import_export("u", export)
    assert (imported.signals, imported.duplicates) == (2, 0)
    assert "File taxes" in engine.export("u") and "sunny" in engine.export("u")
    assert engine.import_export("u", export).duplicates == 2
    with pytest.raises(oo.InvalidInputError):
        engine.import_export("somebody", export)
