"""A simulated person, and how fast each bandit learns what they do.

The person does a tip when it suits the hour, their energy and their taste, which no policy is told. LinUCB, ε-greedy and
uniform choose among ten tips a thousand times; the curves are means over twenty persons. Then the same person uses the
whole engine for a while. Writes learning_curve.png into test-artifacts (or $OO_EXAMPLE_OUT) and prints the figures.

    pip install -r examples/python/requirements.txt
    python examples/python/learning_curve.py
"""

import os
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import oo

OUT = Path(os.environ.get("OO_EXAMPLE_OUT", "test-artifacts"))
PERSONS, ROUNDS, TIPS, DIM = 20, 1_000, 10, 8

POLICIES = {
    "LinUCB, as served (ε-floor 0.05)": lambda: oo.LinUCB(dim=DIM, alpha=0.3, reward_range=(0, 1)),
    "LinUCB, no floor": lambda: oo.LinUCB(dim=DIM, alpha=0.3, epsilon=0.0, reward_range=(0, 1)),
    "ε-greedy (0.1)": lambda: oo.EpsilonGreedy(dim=DIM, epsilon=0.1, reward_range=(0, 1)),
    "uniform": lambda: oo.Uniform(dim=DIM, reward_range=(0, 1)),
}


def tips(draw):
    """Ten tips at some moment: four facts of the tip, and each of them again as the hour makes it."""
    hour = draw.uniform(-1, 1)
    facts = draw.uniform(-1, 1, (TIPS, DIM // 2))
    return np.hstack([facts, facts * hour])


def curve(make, person):
    """Whether the person did each of a thousand tips, less what the best choice would have given."""
    draw = np.random.default_rng(person)
    taste = draw.normal(0, 1.2, DIM)
    policy, regret = make(), np.empty(ROUNDS)
    for n in range(ROUNDS):
        X = tips(draw)
        chance = 1 / (1 + np.exp(-(X @ taste)))
        decided = policy.decide(X, seed=person * ROUNDS + n)
        policy.update(decided, float(draw.random() < chance[decided.index]))
        regret[n] = chance.max() - chance[decided.index]
    return regret.cumsum()


def with_the_engine(seed):
    """A person who does to-dos and dismisses advice: the share of to-dos, in the first and the last ten tips."""
    with tempfile.TemporaryDirectory() as folder, oo.Engine(Path(folder) / "oo.db") as engine:
        engine.ingest("sam", [oo.task(f"t{n}", f"Task {n} of {seed}") for n in range(60)])
        kinds = []
        for _ in range(40):
            tip = engine.recommend("sam")
            kinds.append(tip.kind)
            engine.react(tip, "done" if tip.kind == "todo" else "dismiss")
    share = [sum(kind == "todo" for kind in part) / 10 for part in (kinds[:10], kinds[-10:])]
    return share


def main():
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    final = {}
    for name, make in POLICIES.items():
        curves = np.array([curve(make, person) for person in range(PERSONS)])
        mean, error = curves.mean(axis=0), curves.std(axis=0) / np.sqrt(PERSONS)
        (line,) = axes.plot(mean, label=name)
        axes.fill_between(range(ROUNDS), mean - error, mean + error, alpha=0.2, color=line.get_color())
        final[name] = mean[-1]
        print(f"{name:34} regret after {ROUNDS} tips: {mean[-1]:6.1f} ± {error[-1]:.1f}")
    axes.set(xlabel="tips", ylabel="regret (tips not done)", title=f"What {PERSONS} simulated persons missed")
    axes.legend()
    OUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT / "learning_curve.png", dpi=120)
    print("written:", OUT / "learning_curve.png")
    assert final["LinUCB, no floor"] < final["uniform"] / 3, "LinUCB learns"

    before, after = np.mean([with_the_engine(seed) for seed in range(3)], axis=0)
    print(f"with the engine: to-dos among the first ten tips {before:.0%}, among the last ten {after:.0%}")


if __name__ == "__main__":
    main()
