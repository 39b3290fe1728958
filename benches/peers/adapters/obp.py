"""obp's LinUCB, whose `epsilon` is the width and 0 as it comes.

Importing `obp.policy` needs PyTorch with 6 GB of packages for its offline learners. `linear.py` does not: it is loaded
without the package's own `__init__`, which makes obp smaller and quicker to start than its users see it.
"""

import importlib
import sys
import types
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from peers.learner import Shape, Unsupported


def linear() -> types.ModuleType:
    """`obp.policy.linear` without what lies beside it."""
    if "obp.policy" not in sys.modules:
        package = types.ModuleType("obp.policy")
        package.__path__ = [str(Path(find_spec("obp").origin).parent / "policy")]
        sys.modules["obp.policy"] = package
    return importlib.import_module("obp.policy.linear")


class Adapter:
    """`LinUCB.select_action` and `update_params`."""

    def __init__(self, shape: Shape, seed: int, epsilon: float = 0.0):
        if shape.kind == "shared":
            raise Unsupported("has no bandit over candidates with features of their own")
        self.bandit = linear().LinUCB(dim=shape.dim, n_actions=shape.arms, epsilon=epsilon, random_state=seed)
        self.x, self.arm = np.empty((1, shape.dim)), 0

    def choose(self, x: np.ndarray) -> int:
        self.x = x.reshape(1, -1)
        self.arm = int(self.bandit.select_action(self.x)[0])
        return self.arm

    def update(self, reward: float) -> None:
        self.bandit.update_params(self.arm, reward, self.x)
