"""Storage that is damaged, another's or read-only: a typed error, and nothing acknowledged is lost."""

import shutil
import sqlite3
from pathlib import Path

import pytest

import oo


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def lived(path: Path) -> str:
    """Two people's lives in a store that was closed; what is held of one."""
    with oo.Engine(path) as engine:
        for user in ("ben", "ann"):
            engine.ingest(user, [oo.task(f"t{n}", f"Task {n} of {user} " + "x" * 300) for n in range(20)])
            engine.react(engine.recommend(user), "done")
        return engine.export("ann")


def used(path: Path) -> str:
    with oo.Engine(path) as engine:
        assert engine.replay().differences == ()
        engine.export("ben")
        return engine.export("ann")


def corrupted_page(path: Path) -> Path:
    whole = bytearray(path.read_bytes())
    half = len(whole) // 2
    whole[half:] = b"\x5a" * (len(whole) - half)
    path.write_bytes(whole)
    return path


def truncated_log(path: Path) -> Path:
    """The files of an open store as a killed process leaves them, the end of its write-ahead log cut off."""
    killed = path.with_name("killed.db")
    with oo.Engine(path) as engine:
        engine.ingest("cleo", oo.task("t", "The last one"))
        for suffix in ("", "-wal", ".key"):
            shutil.copy(beside(path, suffix), beside(killed, suffix))
    log = beside(killed, "-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 1)
    return killed


def newer_snapshot(path: Path) -> Path:
    other = sqlite3.connect(path)
    assert other.execute("UPDATE snapshots SET bytes = CAST('oo.mind9' || substr(bytes, 9) AS BLOB)").rowcount > 0
    other.commit()
    other.close()
    return path


def another_key(path: Path) -> Path:
    other = path.with_name("other.db")
    oo.Engine(other).close()
    shutil.copy(beside(other, ".key"), beside(path, ".key"))
    return path


def no_key(path: Path) -> Path:
    beside(path, ".key").unlink()
    return path


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (corrupted_page, oo.StorageError, "restore"),
        (truncated_log, None, None),
        (newer_snapshot, oo.IncompatibleError, "upgrade"),
        (another_key, oo.MasterKeyError, "key"),
        (no_key, oo.MasterKeyError, "key"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_damage_is_a_typed_error_and_harms_nothing(path, damage, error, says):
    held = lived(path)
    path = damage(path)
    if error is None:
        assert used(path) == held
        return
    before = path.read_bytes()
    with pytest.raises(error, match=says):
        used(path)
    if error is not oo.StorageError:
        assert path.read_bytes() == before


def test_a_disk_that_goes_read_only_serves_what_stands(failing_disk):
    path = failing_disk.folder / "oo.db"
    with oo.Engine(path) as engine:
        engine.ingest("ben", oo.task("t", "Task of ben"))
        engine.ingest("ann", oo.task("t", "Task of ann"))
        standing = engine.recommend("ann")
        held = engine.export("ann"), engine.export("ben")
        failing_disk.fail()
        assert engine.recommend("ann").id == standing.id
        for refused in (
            lambda: engine.react(standing, "done"),
            lambda: engine.ingest("ann", oo.mood(3)),
            lambda: engine.recommend("ben"),
            lambda: engine.forget("ben"),
        ):
            with pytest.raises(oo.StorageError, match="; "):
                refused()
        assert engine.health().status == "read_only"
        assert (engine.export("ann"), engine.export("ben")) == held
    failing_disk.unmount()
    failing_disk.mount()
    with oo.Engine(path) as engine:
        assert (engine.export("ann"), engine.export("ben")) == held
        assert engine.react(standing, "done").status == "applied"
        assert engine.health().status == "ok"
