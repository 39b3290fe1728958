"""Errors: one class a kind, under one real base class."""

import pickle
import sqlite3
import stat

import pytest
from conftest import locked, remount

import oo
from oo import _oo

CLASSES = {
    "invalid_input": oo.InvalidInputError,
    "not_found": oo.NotFoundError,
    "denied": oo.DeniedError,
    "incompatible": oo.IncompatibleError,
    "busy": oo.BusyError,
    "storage": oo.StorageError,
    "key": oo.MasterKeyError,
    "internal": oo.InternalError,
}


def test_every_kind_has_its_class():
    assert _oo._error_kinds() == list(CLASSES)
    for kind in _oo._error_kinds():
        with pytest.raises(oo.Error) as caught:
            _oo._fail(kind, "what to do", "a field")
        error = caught.value
        assert type(error) is CLASSES[kind] and isinstance(error, oo.Error)
        assert (error.kind, error.message, error.field) == (kind, "what to do", "a field")
        assert str(error) == "a field: what to do"


def test_an_unknown_kind_is_the_base():
    error = oo.errors._of("sleepy", "new in a later version", None)
    assert type(error) is oo.Error and error.kind == "sleepy"


def test_errors_pickle():
    error = oo.errors._of("busy", "later", None)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is oo.BusyError and (again.message, again.kind) == ("later", "busy")
    assert repr(again) == "BusyError('later')"


def test_a_panic_is_an_internal_error():
    with pytest.raises(oo.InternalError, match="on purpose"):
        _oo._panic()


def test_wrong_types_are_type_errors(engine):
    for call in (lambda: engine.recommend(42), lambda: engine.ingest("u", 3), lambda: engine.react()):
        with pytest.raises(TypeError):
            call()


def test_a_locked_database_is_busy(engine, path):
    engine.recommend("u")
    with locked(path), pytest.raises(oo.BusyError):
        engine.ingest("u", oo.mood(3))
    assert engine.ingest("u", oo.mood(3)).accepted == 1


def test_a_full_disk_is_a_storage_error_and_loses_nothing(disk):
    kept = 0
    with oo.Engine(disk / "oo.db") as engine:
        with pytest.raises(oo.StorageError, match="(?i)full|space"):
            for number in range(10_000):
                engine.ingest("u", oo.task(f"t{number}", f"Task number {number} " + "x" * 500))
                kept += 1
        (disk / "oo.db.key").stat()
        assert engine.export("u").count('"kind":"task"') == kept > 10
    remount(disk, "size=8m")
    with oo.Engine(disk / "oo.db") as engine:
        assert engine.export("u").count('"kind":"task"') == kept
        assert engine.ingest("u", oo.task("after", "There is room again")).accepted == 1


def test_a_read_only_disk_is_a_storage_error(disk):
    oo.Engine(disk / "oo.db").close()
    remount(disk, "ro")
    with pytest.raises(oo.StorageError):
        oo.Engine(disk / "oo.db")


def test_a_database_of_a_newer_version(path):
    oo.Engine(path).close()
    other = sqlite3.connect(path)
    version = other.execute("PRAGMA user_version").fetchone()[0]
    other.execute(f"PRAGMA user_version = {version + 1000}")
    other.commit()
    other.close()
    with pytest.raises(oo.IncompatibleError):
        oo.Engine(path)


def test_a_key_that_others_may_read(path):
    oo.Engine(path).close()
    key = path.with_name(path.name + ".key")
    assert stat.S_IMODE(key.stat().st_mode) & 0o077 == 0
