"""The usual way to put a bandit behind HTTP: FastAPI, a pydantic body, numpy, one uvicorn worker.

LinUCB over rows, its state in memory; the answer states the probabilities, as oO's does.
"""

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

DIM = 32
ALPHA, FLOOR = 1.0, 0.05

app = FastAPI()
inverse = np.eye(DIM)
theta = np.zeros(DIM)


class Ask(BaseModel):
    """What is to be decided."""

    features: list[list[float]]
    seed: int


class Answer(BaseModel):
    """What was decided."""

    index: int
    propensity: float
    pmf: list[float]
    scores: list[float]


@app.post("/decide")
async def decide(ask: Ask) -> Answer:
    """Scores the rows and draws one."""
    x = np.asarray(ask.features)
    scores = x @ theta + ALPHA * np.sqrt(np.einsum("ij,jk,ik->i", x, inverse, x, optimize=True))
    pmf = np.full(len(x), FLOOR / len(x))
    pmf[np.argmax(scores)] += 1.0 - FLOOR
    index = int(np.random.default_rng(ask.seed).choice(len(x), p=pmf))
    return Answer(index=index, propensity=pmf[index], pmf=pmf.tolist(), scores=scores.tolist())
