"""What the tests share: an engine in a folder of its own, and a world whose clock the test moves."""

from __future__ import annotations

import contextlib
import json
import os
import signal
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


def skip(why: str) -> None:
    """Leaves a test out. Root may mount: where even root may not, `OO_MAY_NOT_MOUNT` says so."""
    if os.geteuid() == 0 and "OO_MAY_NOT_MOUNT" not in os.environ:
        pytest.fail(f"{why}; set OO_MAY_NOT_MOUNT=1 to leave such tests out")
    pytest.skip(why)


@pytest.fixture
def disk(tmp_path: Path):
    """A small disk of its own; `remount(disk, "ro")` makes it read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


class FailingDisk:
    """An ext4 in a file, which can be made to fail: it goes read-only, as `errors=remount-ro` has it."""

    def __init__(self, folder: Path) -> None:
        self.image, self.folder = folder / "image", folder / "failing"
        self.folder.mkdir()
        with self.image.open("wb") as image:
            image.truncate(24 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-e", "remount-ro", self.image], check=True, capture_output=True)
        self.mount()

    def mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", self.image, self.folder], check=True, capture_output=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "-l", self.folder], check=False, capture_output=True)

    def fail(self) -> None:
        mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
        device = next(device for device, folder, *_ in mounts if folder == str(self.folder))
        (Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error").write_text("1")
        with pytest.raises(OSError, match="Read-only"):
            (self.folder / "probe").touch()


@pytest.fixture
def failing_disk(tmp_path: Path):
    """A disk of its own; `fail()` makes it read-only under whoever has files of it open."""
    try:
        disk = FailingDisk(tmp_path)
    except (OSError, subprocess.CalledProcessError):
        skip("this user may not mount a file system that can be made to fail")
    yield disk
    disk.unmount()


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


@pytest.fixture
def listens_to_ctrl_c():
    """A program started in the background ignores Ctrl-C from the start: this test does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before or signal.SIG_DFL)
