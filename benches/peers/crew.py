"""Runs jobs in processes of their own, some at a time, each with a deadline. No job can take the others down."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
"""The folder in which `peers` is a package."""

Job = dict[str, Any]


def run(
    jobs: Iterable[Job], width: int, done: Callable[[Job, dict[str, Any]], None]
) -> list[tuple[Job, dict[str, Any]]]:
    """Every job with its answer, in the order of `jobs`; `done` is called as each ends."""
    jobs = list(jobs)
    answers: dict[int, dict[str, Any]] = {}
    with ThreadPoolExecutor(width) as pool:
        running = {pool.submit(alone, job): place for place, job in enumerate(jobs)}
        try:
            for ended in as_completed(running):
                place = running[ended]
                answers[place] = ended.result()
                done(jobs[place], answers[place])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [(job, answers[place]) for place, job in enumerate(jobs)]


def alone(job: Job) -> dict[str, Any]:
    """One job in a new process."""
    # Hashes of texts decide the order of sets in some libraries: the same in every run.
    environment = os.environ | {"PYTHONPATH": path(), "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "peers.job", json.dumps(job)]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=job["deadline"], env=environment, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"was not done after {job['deadline']:.0f} s"}
    lines = ended.stdout.strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        said = ended.stderr.strip().splitlines()
        return {"failed": f"ended with status {ended.returncode}: {said[-1][:300] if said else 'it said nothing'}"}


def path() -> str:
    """Where a child finds this package."""
    return os.pathsep.join(filter(None, [str(HOME), os.environ.get("PYTHONPATH")]))
