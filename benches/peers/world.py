"""Worlds: what is learned. Each gives rounds of a context, the rewards of all arms, and their expected values.

| world | arms | d | rounds | what |
|---|---|---|---|---|
| digits, wine, cancer | 10, 3, 2 | 64, 13, 30 | 3, 5, 5 fresh shuffles | a class is an arm; 1 for the right one |
| lin | 100 | 32 | 20,000 | θ_k ~ N(0, I/d), unit contexts, reward θ_k·x + 0.1·N(0, 1) |
| shared | 50 | 32 | 20,000 | θ ~ N(0, I), candidates ~ N(0, I/d), reward Bernoulli(sigmoid(θ·x)) |

In `disjoint` worlds all arms see one context, of shape (d,); in `shared` ones each candidate has a row: shape (K, d).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from peers.data import classes

Round = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The context, the reward each arm would give, and its expectation."""

CLASSES = {"digits": (10, 64, 3), "wine": (3, 13, 5), "cancer": (2, 30, 5)}
NAMES = (*CLASSES, "lin", "shared")


@dataclass(frozen=True)
class World:
    """One world. `limit` cuts the rounds, for short forms."""

    name: str
    kind: Literal["disjoint", "shared"]
    arms: int
    dim: int
    seed: int
    limit: int | None = None

    def rounds(self) -> Iterator[Round]:
        """The rounds in order; the same for the same seed."""
        made = {"lin": self._lin, "shared": self._shared}.get(self.name, self._classes)
        for number, one in enumerate(made(np.random.default_rng(self.seed))):
            if number == self.limit:
                return
            yield one

    def _classes(self, random: np.random.Generator) -> Iterator[Round]:
        rows, labels = classes(self.name)
        for _ in range(CLASSES[self.name][2]):
            for place in random.permutation(len(rows)):
                right = np.zeros(self.arms)
                right[labels[place]] = 1.0
                yield rows[place], right, right

    def _lin(self, random: np.random.Generator) -> Iterator[Round]:
        theta = random.normal(size=(self.arms, self.dim)) / np.sqrt(self.dim)
        for _ in range(20_000):
            x = random.normal(size=self.dim)
            x /= np.linalg.norm(x)
            values = theta @ x
            yield x, values + 0.1 * random.normal(), values

    def _shared(self, random: np.random.Generator) -> Iterator[Round]:
        theta = random.normal(size=self.dim)
        for _ in range(20_000):
            x = random.normal(size=(self.arms, self.dim)) / np.sqrt(self.dim)
            values = 1.0 / (1.0 + np.exp(-(x @ theta)))
            yield x, (random.random() < values).astype(float), values


def world(name: str, seed: int, limit: int | None = None) -> World:
    """The world of that name."""
    if name in CLASSES:
        arms, dim, _ = CLASSES[name]
        return World(name, "disjoint", arms, dim, seed, limit)
    if name == "lin":
        return World(name, "disjoint", 100, 32, seed, limit)
    if name == "shared":
        return World(name, "shared", 50, 32, seed, limit)
    raise ValueError(f"there is no world {name}; the worlds are {', '.join(NAMES)}")


def sized(kind: Literal["disjoint", "shared"], arms: int, dim: int) -> World:
    """A world of any size, for latencies: the rounds of lin or shared."""
    return World("lin" if kind == "disjoint" else "shared", kind, arms, dim, seed=1)

