"""The jobs of a run, in full and in short form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from peers.contender import (
    ARMS, ARMS_OF_USER, CLASSES, COLUMNS_OF_USER, DIMS, FIXED_ARMS, FIXED_DIM, LARGE, LATENCY, MANY_ARMS, MANY_COLUMNS,
    OURS, QUALITY, ROUNDS_OF_USER, SPEED, SPEED_WORLDS, USERS,
)
from peers.crew import Job

LIMITS = {"wine": 300, "digits": 30, "cancer": 30, "lin": 10, "shared": 400}
"""Rounds of a world in the short form."""
LEAST = {"wine": 0.6, "shared": 0.6}
"""The average reward below which an adapter is wrong; chance is a third and a half."""
OWN_SEEDS = 10
"""The least seeds of oO's own rows, whose figures have bars."""
LATE = ("VW regcb",)
"""What needs thousands of rounds, as it comes, to be told from chance."""


@dataclass(frozen=True)
class Plan:
    """How much of everything. The short form proves that every adapter runs and learns, and nothing else."""

    seeds: int
    short: bool

    def speed(self) -> list[Job]:
        """Choose and update of every contender on the three worlds of the table."""
        seconds = 0.2 if self.short else 4.0
        return [
            {
                "do": "speed", "peer": one.peer, "label": one.label, "settings": one.settings, "world": world,
                "seconds": seconds, "deadline": 180.0,
            }
            for world in SPEED_WORLDS
            for one in SPEED
        ]

    def latency(self) -> list[Job]:
        """Speed by arms and columns: the peers along two lines, oO on the whole grid."""
        return [
            {
                "do": "latency", "peer": peer, "label": label, "settings": settings, "kind": kind, "arms": arms,
                "dim": dim, "seconds": 0.05 if self.short else 0.8, "deadline": 60.0 if peer != OURS else 180.0,
            }
            for kind, peers in LATENCY.items()
            for label, peer, settings in peers
            for arms, dim in self._sizes(kind, peer)
        ]

    def large(self) -> list[Job]:
        """Speed with a thousand arms of 512 columns. Who is not done by the deadline is missing, with that reason."""
        arms, dim = (20, 64) if self.short else (MANY_ARMS, MANY_COLUMNS)
        return [
            {
                "do": "large", "peer": peer, "label": label, "settings": settings, "world": f"{arms:,} arms, d={dim}",
                "kind": "disjoint", "arms": arms, "dim": dim, "lessons": lessons,
                "seconds": 0.05 if self.short else 10.0, "deadline": 600.0,
            }
            for label, peer, settings, lessons in LARGE
        ]

    def users(self) -> list[Job]:
        """Memory of a model a user. Who needs more than there is is missing, with how far it came."""
        users, arms, dim = (20, 3, 8) if self.short else (USERS, ARMS_OF_USER, COLUMNS_OF_USER)
        return [
            {
                "do": "users", "peer": peer, "label": label, "settings": settings,
                "world": f"{users:,} users of {arms} arms, d={dim}", "users": users, "arms": arms, "dim": dim,
                "rounds": ROUNDS_OF_USER, "lessons": lessons, "deadline": 600.0,
            }
            for label, peer, settings, lessons in LARGE
        ]

    def _sizes(self, kind: str, peer: str) -> Iterator[tuple[int, int]]:
        if self.short:
            yield (10, 8)
            return
        for arms in ARMS:
            for dim in DIMS:
                line = dim == FIXED_DIM or arms == FIXED_ARMS
                # A model an arm takes arms × d² numbers: the last corner is left to larger machines.
                large = kind == "disjoint" and arms * dim * dim > 50_000_000
                if (line or peer == OURS) and not large:
                    yield (arms, dim)

    def quality(self) -> list[Job]:
        """Learning of every contender on every world, the long jobs first."""
        jobs = []
        for one in QUALITY:
            for world in one.worlds:
                if world in one.left_out:
                    continue
                most = self.seeds if self.short or one.peer != OURS else max(self.seeds, OWN_SEEDS)
                seeds = list(range(1, 1 + min(most, one.seeds.get(world, most))))
                job = {
                    "do": "quality", "peer": one.peer, "label": one.label, "settings": one.settings,
                    "column": one.column, "world": world, "limit": LIMITS[world] if self.short else None,
                    "deadline": 900.0,
                }
                # Those worlds are so short that one process runs all their seeds.
                parts = [seeds] if world in CLASSES else [[seed] for seed in seeds]
                jobs += [job | {"seeds": part} for part in parts]
        return sorted(jobs, key=lambda job: (job["world"] != "lin", job["peer"] != "MABWiser"))

    def left_out(self) -> list[dict[str, Any]]:
        """What is not tried, with its reason."""
        return [
            {"do": "quality", "label": one.label, "column": one.column, "world": world, "unsupported": reason}
            for one in QUALITY
            for world, reason in one.left_out.items()
        ]

    def unlearned(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the short form finds wrong with rows of learning that came through."""
        learned = [row for row in rows if self.short and row["world"] in LEAST and row["label"] not in LATE]
        wrong = "does not learn: its average reward is {:.2f}"
        return [
            {"do": "quality", **row, "failed": wrong.format(row["reward"])}
            for row in learned
            if row["reward"] < LEAST[row["world"]]
        ]
