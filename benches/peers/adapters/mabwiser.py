"""MABWiser's LinUCB. It knows one context a round: candidates with features of their own are put to a single arm."""

import numpy as np
from mabwiser.mab import MAB, LearningPolicy

from peers.learner import Shape


class Adapter:
    """`MAB` with `LearningPolicy.LinUCB`. It cannot predict before its first lesson: the first arm is drawn."""

    def __init__(self, shape: Shape, seed: int, alpha: float = 1.0):
        arms = list(range(shape.arms)) if shape.kind == "disjoint" else [0]
        self.bandit = MAB(arms, LearningPolicy.LinUCB(alpha=alpha), seed=seed)
        self.shared = shape.kind == "shared"
        self.first = int(np.random.default_rng(seed).integers(shape.arms))
        self.cold = True
        self.x, self.arm = np.empty((1, shape.dim)), 0

    def choose(self, x: np.ndarray) -> int:
        if self.shared:
            arm = self.first if self.cold else self.best(self.bandit.predict_expectations(x))
            self.x = x[arm : arm + 1]
        else:
            self.x = x.reshape(1, -1)
            arm = self.arm = self.first if self.cold else self.bandit.predict(self.x)
        return arm

    @staticmethod
    def best(expectations: list[dict[int, float]]) -> int:
        return int(np.argmax([one[0] for one in expectations]))

    def update(self, reward: float) -> None:
        self.bandit.partial_fit([self.arm], [reward], self.x)
        self.cold = False
