"""`export` and `replay`."""

import json

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
