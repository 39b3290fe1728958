"""A decision over HTTP: `oo serve` beside a FastAPI scorer, the same candidates, the same client.

Fifty rows of 32 numbers in JSON over kept connections; the client shares the machine with the server. The routes take
turns, and the figure is the median of the turns. `POST /api/decide` is on disk before it is answered, which the scorer
is not; `POST /api/decide/once` keeps nothing, as the scorer.
"""

import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from peers import native
from peers.crew import path

ROWS, DIM = 50, 32
CONNECTIONS = 32
BODIES = 64
OO_BIN = "OO_BIN"
"""The environment variable that names the release server."""
LINUCB = {"policy": {"type": "linucb"}}
ROUTES = {
    "fastapi": ("fastapi", "/decide", {}),
    "oo": ("oo", "/api/decide", LINUCB),
    "oo_once": ("oo", "/api/decide/once", LINUCB),
}
"""The server of each route, its path, and what its body has beside candidates."""


def run(seconds: float, turns: int) -> dict[str, Any]:
    """Requests a second of each route, `turns` times `seconds` each."""
    with tempfile.TemporaryDirectory(dir=".") as folder, contextlib.ExitStack() as open_:
        servers = {}
        for name, command in (("fastapi", fastapi), ("oo", oo)):
            address = free()
            servers[name] = (address, open_.enter_context(serving(name, command(address, Path(folder)), address)))
        bodies = {}
        for name, (_, _, more) in ROUTES.items():
            # A durable decision is seeded by its id.
            lines = [json.dumps(one) for one in asks(more, seeded=name != "oo")]
            bodies[name] = Path(folder) / f"{name}.jsonl"
            bodies[name].write_text("\n".join(lines) + "\n")
        said: dict[str, list[dict[str, Any]]] = {name: [] for name in ROUTES}
        for _ in range(turns):
            for name, (server, path, _) in ROUTES.items():
                address = servers[server][0]
                said[name].append(native.load(address, path, str(bodies[name]), seconds, CONNECTIONS))
        memory = {name: resident_mb(process.pid) for name, (_, process) in servers.items()}
    figures: dict[str, Any] = {
        name: {key: statistics.median(turn[key] for turn in turns) for key in ("per_s", "p50_ms", "p99_ms")}
        | {"rss_mb": memory[ROUTES[name][0]]}
        for name, turns in said.items()
    }
    return figures | {
        "ratio": figures["oo"]["per_s"] / figures["fastapi"]["per_s"],
        "candidates": ROWS, "dim": DIM, "connections": CONNECTIONS, "seconds": seconds, "turns": turns,
    }


def asks(more: dict[str, Any], seeded: bool) -> Iterator[dict[str, Any]]:
    """The bodies: the same candidates for all."""
    random = np.random.default_rng(1)
    for seed in range(BODIES):
        rows = random.normal(size=(ROWS, DIM)) / np.sqrt(DIM)
        yield {"features": rows.round(6).tolist()} | ({"seed": seed} if seeded else {}) | more


def fastapi(address: str, _: Path) -> list[str]:
    """uvicorn with one worker, uvloop and httptools."""
    port = address.rsplit(":", 1)[1]
    return [sys.executable, "-m", "uvicorn", "peers.scorer:app", "--port", port, "--log-level", "warning"]


def oo(address: str, folder: Path) -> list[str]:
    """The release server as `oo serve` starts it, without its limit of requests."""
    return [os.environ[OO_BIN], "serve", "--rate", "0", "--addr", address, "--data", str(folder / "data")]


def free() -> str:
    """An address nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextlib.contextmanager
def serving(name: str, command: list[str], address: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server while it runs."""
    environment = os.environ | {"PYTHONPATH": path(), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # Its words go to a file: a pipe that nobody reads would fill and stop it.
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(command, stdout=words, stderr=words, stdin=subprocess.DEVNULL, env=environment)
        try:
            host, port = address.rsplit(":", 1)
            until = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                    break
                if process.poll() is not None or time.monotonic() > until:
                    words.seek(0)
                    last = words.read().decode(errors="replace").strip().splitlines()[-1:]
                    raise RuntimeError(f"{name} did not start: {' '.join(last)}")
                time.sleep(0.02)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def resident_mb(process: int) -> float:
    """Megabytes that are resident in a process now."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024.0
    return float("nan")
