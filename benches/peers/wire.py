"""A decision over HTTP: `oo serve` and `POST /api/decide` beside a FastAPI scorer, the same candidates, the same client.

Fifty rows of 32 numbers in JSON, eight kept connections; the client shares the machine with the server. The servers take
turns, and the figure is the median of the turns.
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
CONNECTIONS = 8
BODIES = 64
OO_BIN = "OO_BIN"
"""The environment variable that names the release server."""


def run(seconds: float, turns: int) -> dict[str, Any]:
    """Requests a second of both, `turns` times `seconds` each."""
    with tempfile.TemporaryDirectory(dir=".") as folder, contextlib.ExitStack() as open_:
        servers = {}
        for name, start in (("fastapi", fastapi), ("oo", oo)):
            command, address, route, body = start(Path(folder))
            bodies = Path(folder) / f"{name}.jsonl"
            bodies.write_text("".join(json.dumps(one) + "\n" for one in asks(body)))
            process = open_.enter_context(serving(name, command, address))
            servers[name] = (address, route, str(bodies), process)
        said: dict[str, list[dict[str, Any]]] = {name: [] for name in servers}
        for _ in range(turns):
            for name, (address, route, bodies, _) in servers.items():
                said[name].append(native.load(address, route, bodies, seconds, CONNECTIONS))
        memory = {name: resident_mb(process.pid) for name, (_, _, _, process) in servers.items()}
    figures = {
        name: {key: statistics.median(turn[key] for turn in turns) for key in ("per_s", "p50_ms", "p99_ms")}
        | {"rss_mb": memory[name]}
        for name, turns in said.items()
    }
    return figures | {
        "ratio": figures["oo"]["per_s"] / figures["fastapi"]["per_s"],
        "candidates": ROWS, "dim": DIM, "connections": CONNECTIONS, "seconds": seconds, "turns": turns,
    }


def asks(more: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The bodies: the same candidates and seeds for both."""
    random = np.random.default_rng(1)
    for seed in range(BODIES):
        rows = random.normal(size=(ROWS, DIM)) / np.sqrt(DIM)
        yield {"features": rows.round(6).tolist(), "seed": seed} | more


def fastapi(_: Path) -> tuple[list[str], str, str, dict[str, Any]]:
    """uvicorn with one worker, uvloop and httptools."""
    address = free()
    port = address.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "uvicorn", "peers.scorer:app", "--port", port, "--log-level", "warning"]
    return command, address, "/decide", {}


def oo(folder: Path) -> tuple[list[str], str, str, dict[str, Any]]:
    """The release server as `oo serve` starts it, without its limit of requests."""
    address = free()
    data = folder / "data"
    command = [os.environ[OO_BIN], "serve", "--rate", "0", "--addr", address, "--data", str(data)]
    return command, address, "/api/decide", {"policy": {"type": "linucb"}}


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
