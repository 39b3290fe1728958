"""The protocol of the comparison, and the adapters by name.

A learner is made for a shape and keeps what it needs between `choose` and `update`. Both take and give what the caller
of a bandit has, numpy rows and a number, so that every library pays for its own conversions.
"""

import importlib
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np


@dataclass(frozen=True)
class Shape:
    """What a learner is told before it starts."""

    kind: Literal["disjoint", "shared"]
    arms: int
    dim: int


class Unsupported(Exception):
    """The library has no such bandit. The text says what is missing; it stands in the table."""


class Learner(Protocol):
    """One bandit of one library."""

    def choose(self, x: np.ndarray) -> int:
        """The arm for a context (d,) or for candidates (K, d)."""

    def update(self, reward: float) -> None:
        """Learns the reward of what was chosen last."""


ADAPTERS = {
    "oO": "oo",
    "Vowpal Wabbit": "vowpal",
    "MABWiser": "mabwiser",
    "contextualbandits": "contextualbandits",
    "river": "river",
    "obp": "obp",
    "coba": "coba",
}
"""The module of each library, and the distribution that its version is read from."""

DISTRIBUTIONS = {"oo": "oo-engine", "vowpal": "vowpalwabbit"}


def learner(peer: str, shape: Shape, seed: int, settings: dict[str, Any]) -> Learner:
    """The bandit of `peer` for `shape`; `settings` are the adapter's, empty for the library's defaults."""
    module = importlib.import_module(f"peers.adapters.{ADAPTERS[peer]}")
    return module.Adapter(shape, seed, **settings)


def version(peer: str) -> str:
    """The installed version of `peer`."""
    from importlib.metadata import PackageNotFoundError, version

    module = ADAPTERS[peer]
    try:
        return version(DISTRIBUTIONS.get(module, module))
    except PackageNotFoundError:
        return "not installed as a package"
