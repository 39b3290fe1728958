"""Vowpal Wabbit: text in, a pmf out, the draw left to the caller; the decision's text is parsed again to learn.

The text is made the quickest way Python has: one format for all numbers, or, where half of them are zeros, only the
others, as the format allows. A context is crossed with the arm's name; alone it says nothing about an arm, and leaving it
out makes Vowpal Wabbit learn better here.
"""

import random

import numpy as np
from vowpalwabbit import pyvw

from peers.learner import Shape


class Adapter:
    """`--cb_explore_adf` with the named exploration. The cost is `cost_of_nothing` minus the reward."""

    def __init__(self, shape: Shape, seed: int, explore: str = "--squarecb", cost_of_nothing: float = 0.0):
        disjoint = shape.kind == "disjoint"
        crossed = " -q ca --ignore_linear c" if disjoint else ""
        self.workspace = pyvw.Workspace(f"--cb_explore_adf {explore}{crossed} --quiet --random_seed {seed}")
        row = " ".join(f"{column}:%.5f" for column in range(shape.dim))
        arms = [f"|a k{arm}" for arm in range(shape.arms)] if disjoint else [f"|a {row}"] * shape.arms
        self.dense = "\n".join([f"shared |c {row}", *arms] if disjoint else arms)
        self.sparse = "\n".join(["shared |c %s", *arms]) if disjoint else None
        self.head = int(disjoint)
        self.cost_of_nothing = cost_of_nothing
        self.random = random.Random(seed)
        self.text = ""
        self.chosen = 0
        self.probability = 0.0

    def choose(self, x: np.ndarray) -> int:
        if self.sparse is not None and 2 * np.count_nonzero(x) <= 1.1 * x.size:
            self.text = self.sparse % " ".join([f"{name}:{value}" for name, value in enumerate(x.tolist()) if value])
        else:
            self.text = self.dense % tuple(x.ravel().tolist())
        pmf = self.workspace.predict(self.text)
        left, self.chosen = self.random.random(), len(pmf) - 1
        for arm, probability in enumerate(pmf):
            left -= probability
            if left <= 0.0:
                self.chosen = arm
                break
        self.probability = pmf[self.chosen]
        return self.chosen

    def update(self, reward: float) -> None:
        lines = self.text.split("\n")
        cost = self.cost_of_nothing - reward
        lines[self.chosen + self.head] = f"0:{cost:.6g}:{self.probability:.6g} {lines[self.chosen + self.head]}"
        self.workspace.learn("\n".join(lines))
