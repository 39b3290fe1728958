"""coba's LinUCBLearner: one model of the crossed features of context and one-hot action, lists in."""

import numpy as np
from coba.learners import LinUCBLearner

from peers.learner import Shape


class Adapter:
    """`LinUCBLearner.predict` and `learn`, as a coba experiment calls them."""

    def __init__(self, shape: Shape, seed: int, alpha: float = 1.0):
        self.bandit = LinUCBLearner(alpha=alpha, seed=seed)
        one = range(shape.arms)
        self.arms = [tuple(int(arm == place) for place in one) for arm in one] if shape.kind == "disjoint" else None
        self.context: list[float] | None = None
        self.action: tuple[float, ...] = ()
        self.probability = 0.0

    def choose(self, x: np.ndarray) -> int:
        if self.arms is not None:
            self.context, actions = x.tolist(), self.arms
        else:
            actions = [tuple(row) for row in x.tolist()]
        self.action, self.probability = self.bandit.predict(self.context, actions)
        return actions.index(self.action)

    def update(self, reward: float) -> None:
        self.bandit.learn(self.context, self.action, reward, self.probability)
