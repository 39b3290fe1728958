"""What `tuned` means: every setting of a grid on seed 1000, world by world; the best of each is what `contender.py` has.

`PYTHONPATH=benches PEERS_PYTHON -m peers.search [WORLD...]` prints each figure and the best, and takes minutes a world.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers import data, quality
from peers.contender import ALL, MEASURE

SEED = 1000
"""No measured run uses it."""
WIDTHS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
COSTS = (("", 1.0), (" --cb_min_cost -1 --cb_max_cost 0", 0.0), (" --cb_min_cost -1 --cb_max_cost 1", 0.0))
"""Ranges of costs that a world's rewards may fit, and the cost of no reward."""
GRIDS: dict[str, list[dict[str, Any]]] = {
    "MABWiser": [{"alpha": width} for width in WIDTHS],
    "contextualbandits": [{"alpha": width} for width in WIDTHS],
    "obp": [{"epsilon": width} for width in WIDTHS],
    "coba": [{"alpha": width} for width in WIDTHS],
    "river": [{"beta": noise} for noise in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)],
    "Vowpal Wabbit": [
        {"explore": f"--squarecb --gamma_scale {scale}{rate}"}
        for scale in (10, 30, 100, 300, 1000)
        for rate in ("", " -l 2", " -l 5")
    ],
    "Vowpal Wabbit regcbopt": [
        {"explore": f"--regcb --regcbopt --mellowness {mellow}{rate}{costs}", "cost_of_nothing": nothing}
        for mellow in (0.1, 0.01, 0.001)
        for rate in ("", " -l 2")
        for costs, nothing in COSTS
    ],
}
"""The settings that are tried of each library."""
TOO_SLOW = {
    ("coba", "digits"), ("coba", "lin"), ("coba", "shared"), ("river", "lin"), ("river", "shared"), ("MABWiser", "lin"),
    ("contextualbandits", "lin"),
}
"""Minutes to hours a run. MABWiser has a row on lin all the same, with the setting that obp found best there."""


def one(peer: str, settings: dict[str, Any], world: str) -> tuple[float, str]:
    """The measure of `world`, the larger the better, and what was tried."""
    found = quality.run(peer.removesuffix(" regcbopt"), settings, world, SEED, None)
    figure = found[MEASURE[world]]
    return (figure if MEASURE[world] == "reward" else -figure), f"{peer} {settings}"


def tries(world: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    for peer, grid in GRIDS.items():
        if (peer, world) not in TOO_SLOW:
            yield from ((peer, settings, world) for settings in grid)


def main(worlds: list[str]) -> None:
    # One thread a process, said before any library is loaded in one.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with TemporaryDirectory() as folder, ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        data.prepare(Path(folder))
        for world in worlds or list(ALL):
            found: dict[str, tuple[float, str]] = {}
            for figure, what in pool.map(one, *zip(*tries(world), strict=True)):
                print(f"{world} {abs(figure):.4f} {what}", flush=True)
                peer = what.split(" {")[0]
                found[peer] = max(found.get(peer, (figure, what)), (figure, what))
            for figure, what in found.values():
                print(f"{world} best {abs(figure):.4f} {what}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
