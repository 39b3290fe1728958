"""contextualbandits' LinUCB, which has an intercept. Candidates of their own are put to one arm, of two."""

import numpy as np
from contextualbandits.online import LinUCB

from peers.learner import Shape


class Adapter:
    """`LinUCB.predict` and `partial_fit`; for candidates the scores of arm 0."""

    def __init__(self, shape: Shape, seed: int, alpha: float = 1.0, **more: object):
        self.shared = shape.kind == "shared"
        arms = 2 if self.shared else shape.arms
        self.bandit = LinUCB(nchoices=arms, alpha=alpha, random_state=seed, njobs=1, **more)
        self.first = int(np.random.default_rng(seed).integers(shape.arms))
        self.x, self.arm = np.empty((1, shape.dim)), 0

    def choose(self, x: np.ndarray) -> int:
        if self.shared:
            arm = int(np.argmax(self.bandit.decision_function(x)[:, 0])) if self.bandit.is_fitted else self.first
            self.x = x[arm : arm + 1]
            return arm
        self.x = x.reshape(1, -1)
        self.arm = int(self.bandit.predict(self.x)[0])
        return self.arm

    def update(self, reward: float) -> None:
        self.bandit.partial_fit(self.x, np.array([self.arm]), np.array([reward]))
