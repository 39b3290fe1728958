"""How well one library learns one world from one seed: what it gained, what it lost, and when."""

from time import perf_counter
from typing import Any

from peers.learner import Shape, learner
from peers.world import world

POINTS = 100
"""Points of a curve, beside its start."""


def run(peer: str, settings: dict[str, Any], name: str, seed: int, limit: int | None) -> dict[str, Any]:
    """Mean reward, the last 1000 rounds' mean, and cumulated regret with its curve.

    Regret is against the best arm's expected reward; in the worlds of classes it is the number of errors.
    """
    at = world(name, seed, limit)
    bandit = learner(peer, Shape(at.kind, at.arms, at.dim), seed, settings)
    rewards, losses, seconds = [], [], 0.0
    for x, given, values in at.rounds():
        begun = perf_counter()
        arm = bandit.choose(x)
        reward = float(given[arm])
        bandit.update(reward)
        seconds += perf_counter() - begun
        rewards.append(reward)
        losses.append(float(values.max() - values[arm]))
    step = max(1, len(losses) // POINTS)
    times, curve, sum_ = [0], [0.0], 0.0
    for number, loss in enumerate(losses, 1):
        sum_ += loss
        if number % step == 0:
            times.append(number)
            curve.append(round(sum_, 4))
    last = rewards[-1000:]
    return {
        "rounds": len(rewards),
        "reward": sum(rewards) / len(rewards),
        "last_1000": sum(last) / len(last),
        "regret": sum_,
        "times": times,
        "curve": curve,
        "seconds": seconds,
    }
