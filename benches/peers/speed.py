"""Speed of one library on one world: medians of choose and update, conversions included, one thread.

The learner first lives through `warm` rounds of the world, or as many as fit into a quarter of the time, so that tables
and branches are as in use. oO keeps a model of few lessons as its lessons, which is quicker: so that nothing looks better
than it is, it is given more lessons an arm than columns beforehand. A round is one choose and one update; the median of
their sums is what ratios are made of.
"""

import itertools
from time import perf_counter, perf_counter_ns
from typing import Any

import numpy as np

from peers.learner import Learner, Shape, learner
from peers.memory import resident_mb
from peers.world import World, sized, world

KEPT = 500
"""Rounds that are made before the clock starts, and gone through again and again."""
LEAST, MOST = 15, 20_000


def run(peer: str, settings: dict[str, Any], name: str, seconds: float) -> dict[str, Any]:
    """Speed and memory of `peer` on the world `name`, in about `seconds`."""
    return measure(peer, settings, world(name, seed=1), seconds, warm=5_000)


def size(peer: str, settings: dict[str, Any], kind: str, arms: int, dim: int, seconds: float,
         lessons: int | None = None) -> dict[str, Any]:
    """Speed and memory of `peer` with `arms` arms and `dim` columns; `lessons` as `prime` takes them."""
    return measure(peer, settings, sized(kind, arms, dim), seconds, max(50, min(4 * dim, 1_000)), lessons)


def measure(peer: str, settings: dict[str, Any], at: World, seconds: float, warm: int,
            lessons: int | None = None) -> dict[str, Any]:
    """Medians in µs and memory in MB."""
    kept = max(8, min(KEPT, 4_000_000 // (at.arms * at.dim)))
    rounds = [(x, rewards.tolist()) for x, rewards, _ in itertools.islice(at.rounds(), kept)]
    before = resident_mb()
    bandit = learner(peer, Shape(at.kind, at.arms, at.dim), 1, settings)
    prime(bandit, at, lessons)
    turns = itertools.cycle(rounds)
    started, lived = perf_counter(), 0
    while lived < warm and (lived < 2 or perf_counter() - started < seconds / 4):
        x, rewards = next(turns)
        bandit.update(rewards[bandit.choose(x)])
        lived += 1
    chosen, updated = [], []
    started = perf_counter()
    while len(chosen) < MOST and (len(chosen) < LEAST or perf_counter() - started < seconds):
        x, rewards = next(turns)
        begun = perf_counter_ns()
        arm = bandit.choose(x)
        between = perf_counter_ns()
        bandit.update(rewards[arm])
        updated.append(perf_counter_ns() - between)
        chosen.append(between - begun)
        # A peer of a tenth of a second a round and more gives what it can.
        if perf_counter() - started > 4 * seconds and len(chosen) >= 3:
            break
    whole = np.add(chosen, updated)
    return {
        "choose_us": float(np.median(chosen)) / 1e3,
        "update_us": float(np.median(updated)) / 1e3,
        "round_us": float(np.median(whole)) / 1e3,
        "rounds": len(chosen),
        "rss_mb": resident_mb(),
        "rss_before_mb": before,
        "rss_peak_mb": resident_mb(peak=True),
    }


def prime(bandit: Learner, at: World, lessons: int | None = None) -> None:
    """Gives every arm of a learner that asks for it `lessons` lessons, more than columns if nothing is said."""
    given = getattr(bandit, "prime", None)
    if given is None:
        return
    random = np.random.default_rng(1)
    arms = np.arange(at.arms if at.kind == "disjoint" else 1)
    for _ in range(at.dim + 2 if lessons is None else lessons):
        given(random.normal(size=(len(arms), at.dim)) / np.sqrt(at.dim), random.normal(size=len(arms)) / 4.0, arms)
