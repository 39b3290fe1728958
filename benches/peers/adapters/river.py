"""river's LinUCBDisjoint: dictionaries in. Candidates of their own are scored by the regression it is made of."""

import numpy as np
from river.bandit import LinUCBDisjoint
from river.linear_model import BayesianLinearRegression

from peers.learner import Shape


class Adapter:
    """`LinUCBDisjoint.pull` and `update`; for candidates `BayesianLinearRegression`, mean plus deviation."""

    def __init__(self, shape: Shape, seed: int, beta: float = 1.0):
        self.shared = shape.kind == "shared"
        self.arms = list(range(shape.arms))
        if self.shared:
            self.model = BayesianLinearRegression(beta=beta)
        else:
            self.bandit = LinUCBDisjoint(beta=beta, seed=seed)
        self.context: dict[int, float] = {}
        self.arm = 0

    def choose(self, x: np.ndarray) -> int:
        if not self.shared:
            self.context = dict(enumerate(x.tolist()))
            self.arm = self.bandit.pull(self.arms, context=self.context)
            return self.arm
        rows = [dict(enumerate(row)) for row in x.tolist()]
        beliefs = [self.model.predict_one(row, with_dist=True) for row in rows]
        bounds = [belief.mu + belief.sigma for belief in beliefs]
        self.arm = int(np.argmax(bounds))
        self.context = rows[self.arm]
        return self.arm

    def update(self, reward: float) -> None:
        if self.shared:
            self.model.learn_one(self.context, reward)
        else:
            self.bandit.update(self.arm, self.context, reward)
