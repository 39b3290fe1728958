"""`forget` and its receipts."""

import dataclasses

import pytest

import oo


def test_forget_leaves_what_would_have_been_without(engine):
    clean = engine.health().state_hash
    tip = engine.recommend("gone")
    engine.ingest("gone", oo.task("t", "Secret plan"))
    engine.react(tip, "done")
    assert engine.health().state_hash != clean
    receipt = engine.forget("gone")
    assert receipt.stage in ("erased", "erasing") and receipt.unlearned and receipt.lessons == 1
    assert receipt.at.tzinfo is not None
    assert engine.health().state_hash == clean == receipt.state_hash
    assert engine.history("gone") == []


def test_no_text_of_theirs_is_in_any_file(engine, path):
    engine.ingest("gone", oo.task("t", "Xylophone lessons for Zebedee"))
    engine.recommend("gone")
    engine.forget("gone")
    engine.close()
    for file in path.parent.iterdir():
        assert b"Zebedee" not in file.read_bytes()


def test_receipts_are_read_by_their_id(engine):
    engine.recommend("gone")
    receipt = engine.forget("gone")
    assert engine.receipt(receipt.id).id == receipt.id
    with pytest.raises(oo.NotFoundError):
        engine.receipt("0198a8f0-0000-7000-8000-000000000001")


def test_receipts_newest_first(engine):
    assert engine.receipts() == []
    for user in ("ann", "bea"):
        engine.set_consents(user, mood=True)
        engine.forget(user)
    newest, oldest = engine.receipts()
    assert newest.epoch > oldest.epoch and engine.receipt(oldest.id) == oldest
    assert engine.receipts(limit=1) == [newest]
    with pytest.raises(oo.InvalidInputError):
        engine.receipts(limit=-1)


def test_forgetting_somebody_unknown_succeeds(engine):
    assert engine.forget("nobody").stage == "nothing_held"
    engine.recommend("gone")
    engine.forget("gone")
    assert engine.forget("gone").stage == "nothing_held"


def test_others_keep_their_bits(engine):
    stay = engine.recommend("stays")
    engine.react(stay, "done")
    before = engine.export("stays")
    engine.recommend("gone")
    engine.forget("gone")
    assert engine.export("stays") == before
    assert engine.replay().differences == ()


def test_a_receipt_is_verified_and_a_changed_one_is_not_valid(engine):
    engine.react(engine.recommend("gone"), "done")
    receipt = engine.forget("gone")
    verified = engine.verify_receipt(receipt)
    assert (verified.valid, verified.chain, verified.absent, verified.state) == (True, True, True, True)
    assert verified.unchecked == []
    assert engine.verify_receipt(dataclasses.replace(receipt, left=("u.jsonl",))).unchecked[0].startswith("left")
    changed = engine.verify_receipt(dataclasses.replace(receipt, lessons=7))
    assert not changed.valid and "lessons" in changed.problems[0]
    with pytest.raises(oo.InvalidInputError):
        engine.verify_receipt("{}")
    with pytest.raises(TypeError):
        engine.verify_receipt(7)


def test_nothing_is_erased_where_nothing_has_a_limit(engine):
    engine.ingest("u", oo.task("t1", "File taxes"))
    assert engine.retain() == oo.Retained(people=0, events=0, lessons=0)
