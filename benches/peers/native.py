"""The Rust side: oO beside trashpanda and rill-ml in one program, and the load of the HTTP comparison."""

import json
import os
import subprocess
from typing import Any

BINARY = "OO_PEERS_BIN"
"""The environment variable that names the program of `rust/`."""


def bandits(seconds: float) -> list[dict[str, Any]]:
    """Choose and update of the three, a row each by arms and columns."""
    return asked(["bandits", str(seconds)], deadline=60 + 40 * seconds)


def load(address: str, path: str, bodies: str, seconds: float, connections: int) -> dict[str, Any]:
    """Requests a second of the server at `address`."""
    return asked(["load", address, path, bodies, str(seconds), str(connections)], deadline=60 + 2 * seconds)


def asked(arguments: list[str], deadline: float) -> Any:
    ended = subprocess.run(
        [os.environ[BINARY], *arguments], capture_output=True, text=True, timeout=deadline, check=False
    )
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr.strip() or f"ended with status {ended.returncode}")
    return json.loads(ended.stdout)
