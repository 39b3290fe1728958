"""Memory of many small models in one process: a bandit a user, each with arms of its own, all of them in use.

Every user lives through `rounds` rounds, so that whatever a library makes on demand is there. oO keeps an arm of few
lessons as its lessons, which is smaller: so that nothing looks better than it is, its rows say how many lessons an arm was
given beforehand.
"""

import itertools
from pathlib import Path
from typing import Any

from peers.learner import Learner, Shape, learner
from peers.memory import resident_mb
from peers.speed import prime
from peers.world import sized

SHARE = 0.6
"""Of the memory that is free in the beginning, the most that a library may take."""
LOOK = 50
"""After how many users it is looked at."""


class TooMuch(Exception):
    """The library needs more memory than this machine has. The text says how far it came."""


def run(peer: str, settings: dict[str, Any], users: int, arms: int, dim: int, rounds: int,
        lessons: int | None) -> dict[str, Any]:
    """The megabytes that the bandits of `users` users, the first one left out, add to the process."""
    at = sized("disjoint", arms, dim)
    lived = [(x, rewards.tolist()) for x, rewards, _ in itertools.islice(at.rounds(), 64)]
    turns = itertools.cycle(lived)

    def lived_through(user: int) -> Learner:
        bandit = learner(peer, Shape(at.kind, arms, dim), user + 1, settings)
        prime(bandit, at, lessons)
        for x, rewards in itertools.islice(turns, rounds):
            bandit.update(rewards[bandit.choose(x)])
        return bandit

    # The library itself, which one user brings, is not what users cost.
    kept = [lived_through(0)]
    most, before = SHARE * available_mb(), resident_mb()
    for user in range(1, users):
        kept.append(lived_through(user))
        if user % LOOK == LOOK - 1 and resident_mb() - before > most:
            held = resident_mb() - before
            raise TooMuch(f"not run, as {user + 1:,} users already take {held / 1024:.1f} GB of memory")
    held = resident_mb() - before
    return {"held_mb": held, "user_kb": held * 1024 / (users - 1), "rss_before_mb": before}


def available_mb() -> float:
    """Megabytes that the machine could give."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024.0
    raise OSError("the kernel does not say MemAvailable; these benchmarks run on Linux")
