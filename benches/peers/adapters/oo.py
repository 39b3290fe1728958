"""oO as it comes: `auto` where this build has it, floor 0 for learning benchmarks, 0.05 as served."""

import numpy as np
import oo

from peers.learner import Shape


class Adapter:
    """`oo.Policy` on numpy rows. Where all arms see one context, `oo.Arms` names them once; a build without it is given
    the context once an arm, in one matrix that is kept.
    """

    def __init__(self, shape: Shape, seed: int, policy: str = "auto", floor: float = 0.0, **more: float):
        settings = {"type": policy, "sharing": shape.kind, **more}
        settings["exploration"] = {"type": "epsilon_floor", "epsilon": floor}
        self.policy = oo.Policy.of_settings(settings, shape.dim)
        disjoint, named = shape.kind == "disjoint", hasattr(oo, "Arms")
        self.arms = oo.Arms(range(shape.arms)) if disjoint and named else None
        self.rows = np.empty((shape.arms, shape.dim)) if disjoint and not named else None
        self.disjoint = disjoint
        self.seed = seed << 32
        self.decided = None

    def choose(self, x: np.ndarray) -> int:
        if self.rows is not None:
            self.rows[:] = x
            x = self.rows
        self.seed += 1
        self.decided = self.policy.decide(x, arms=self.arms, seed=self.seed)
        return self.decided.index

    def update(self, reward: float) -> None:
        self.policy.update(self.decided, reward)

    def prime(self, x: np.ndarray, rewards: np.ndarray, arms: np.ndarray) -> None:
        """Lessons of each arm before the clock starts."""
        self.policy.learn(x, rewards, arms=arms if self.disjoint else None)
