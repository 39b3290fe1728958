"""What the tests share: an engine in a folder of its own, and a world whose clock the test moves."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import oo

USER = "u-42"


class World:
    """A test world: the clock stands at `now`, all that is random follows from `seed`."""

    def __init__(self, path: Path, now: str = "2026-03-02T08:00:00Z", seed: str = "python") -> None:
        self.path = path
        self.seed = seed
        self.move(now)

    def move(self, now: str) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({"now": now, "seed": self.seed}))
        new.replace(self.path)


LOCK = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def locked(path: Path):
    """The database while another process writes to it; calling what this gives lets go early."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "locked\n"
        yield other.kill
        other.kill()


@pytest.fixture
def disk(tmp_path: Path):
    """A small disk of its own; `remount("ro")` makes it read-only. A user who may not mount has none."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world.json")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oo.db"


@pytest.fixture
def engine(path: Path, world: World):
    with oo.Engine(path, test_world=world.path) as engine:
        yield engine
