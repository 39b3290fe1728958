"""Where and when a run took place."""

import os
import platform
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any


def described(command: str) -> dict[str, Any]:
    """Date, machine, versions of the languages, and how busy others kept the processors right before the run."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "command": command,
        "machine": f"{os.cpu_count()} × {processor()}, {memory_gib():.0f} GiB, {platform.system()}",
        "python": platform.python_version(),
        "rust": first_line(["rustc", "--version"]),
        "commit": first_line(["git", "rev-parse", "--short", "HEAD"]),
        "busy_before": round(busy(2.0), 2),
    }


def busy(seconds: float) -> float:
    """The share of all processors' time that was used during `seconds` of waiting. The load average would count the
    builds before the run."""

    def counted() -> tuple[int, int]:
        times = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(times), times[3] + times[4]

    before, idle = counted()
    time.sleep(seconds)
    after, idle_after = counted()
    return 1.0 - (idle_after - idle) / max(1, after - before)


def processor() -> str:
    """The processor's name, with what it has for vectors."""
    lines = dict(
        (name.strip(), value.strip())
        for name, _, value in (line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines())
    )
    flags = lines.get("flags", "").split()
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    return f"{lines.get('model name', platform.machine())} ({vectors})"


def memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def first_line(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"
