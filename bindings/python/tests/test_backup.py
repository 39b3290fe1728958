"""`backup` and `restore`."""

import os
from pathlib import Path

import pytest

import oo


def test_a_backup_comes_back_without_whom_was_forgotten(tmp_path):
    path, shelf = tmp_path / "oo.db", tmp_path / "monday.backup"
    with oo.Engine(path) as engine:
        for user in ("ann", "ben"):
            engine.react(engine.recommend(user), "done")
        backup = engine.backup(shelf)
        then = engine.health()
        assert isinstance(backup, oo.Backup) and backup.path == Path(os.path.realpath(shelf))
        assert (backup.position, backup.incarnation) == (then.position, then.incarnation)
        assert backup.bytes == shelf.stat().st_size
        with pytest.raises(oo.InvalidInputError) as refused:
            engine.backup(shelf)
        assert refused.value.field == "path"
        engine.backup(str(shelf), overwrite=True)
        engine.forget("ann")
        forgotten = engine.health()
        with pytest.raises(oo.BusyError):
            oo.restore(shelf, path, replace=True)
    with pytest.raises(oo.InvalidInputError):
        oo.restore(shelf, path)
    restored = oo.restore(shelf, path, replace=True)
    assert isinstance(restored, oo.Restored) and restored.replaced.exists()
    assert restored.forgotten_list == oo.ForgottenList(tmp_path / "oo.db.forgotten", 1)
    with oo.Engine(path) as engine:
        health = engine.health()
        assert health.incarnation == restored.incarnation != then.incarnation
        assert health.state_hash == forgotten.state_hash
        assert len(engine.export("ann").splitlines()) == 1
        assert len(engine.export("ben").splitlines()) > 1
        assert engine.replay().differences == ()
        assert health.erasing == 0
        assert engine.compact() is None
        assert engine.health().state_hash == health.state_hash


def test_a_backup_needs_its_master_key(tmp_path):
    with oo.Engine(tmp_path / "oo.db") as engine:
        engine.backup(tmp_path / "a.backup")
    with pytest.raises(oo.MasterKeyError):
        oo.restore(tmp_path / "a.backup", tmp_path / "again.db")
    key = {"master_key_file": str(tmp_path / "oo.db.key")}
    restored = oo.restore(tmp_path / "a.backup", tmp_path / "again.db", settings=key)
    assert restored.forgotten_list == oo.ForgottenList(tmp_path / "again.db.forgotten", None)
    assert restored.replaced is None and not (tmp_path / "again.db.key").exists()
    oo.Engine(tmp_path / "again.db", settings=key).close()


def test_what_is_no_backup_is_refused(tmp_path):
    (tmp_path / "text").write_text("no database at all, however long one looks at it. " * 40)
    with pytest.raises(oo.StorageError):
        oo.restore(tmp_path / "text", tmp_path / "oo.db")
    with pytest.raises(oo.InvalidInputError):
        oo.restore(tmp_path / "nowhere", tmp_path / "oo.db")
    assert [file.name for file in tmp_path.iterdir()] == ["text"]
