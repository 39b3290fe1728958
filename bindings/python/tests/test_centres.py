"""Lessons of `ActionCentredTS` from a log: with the centres of their decisions they are learned, revised and taken back."""

import numpy as np
import pytest

import oo

ARMS = ["hold", "walk", "read"]


def decided(policy, number):
    X = np.random.default_rng(number).uniform(-1, 1, (3, 2))
    X[0] = 0
    return X, policy.decide(X, arms=ARMS, seed=number)


def log_of(policy, count=40):
    """What a log holds of decisions: rows, arms, probabilities, centres, rewards."""
    made = [decided(policy, number) for number in range(count)]
    return {
        "X": np.array([X[one.index] for X, one in made]),
        "arms": [one.arm for _, one in made],
        "propensities": np.array([one.propensity for _, one in made]),
        "centres": policy.centre([one for _, one in made]),
        "rewards": np.arange(count) % 3 - 1.0,
    }, [one for _, one in made]


def test_a_log_with_centres_is_what_was_updated():
    live, fresh = oo.ActionCentredTS(dim=2), oo.ActionCentredTS(dim=2)
    log, made = log_of(live)
    assert log["centres"].shape == (40, 3) and np.abs(log["centres"]).max() <= 1
    assert live.centre(made[3]).tolist() == log["centres"][3].tolist()
    live.update_batch(made, log["rewards"])
    fresh.learn(**log)
    assert fresh.state_hash == live.state_hash

    fresh.revise(**log | {"rewards": log["rewards"] + 0.5}, replaced=log["rewards"])
    assert fresh.state_hash != live.state_hash
    fresh.revise(**log, replaced=log["rewards"] + 0.5)
    assert fresh.state_hash == live.state_hash
    fresh.unlearn(**log)
    live = oo.ActionCentredTS(dim=2)
    live.partial_fit(**log).unlearn(**log)
    assert fresh.state_hash == live.state_hash and fresh.lessons == 0


@pytest.mark.parametrize(
    "centres", [None, [[0.1, 0.2]] * 40, [[0.1, 0.2, 0.5]] * 39, [[0.1, 99, 0.5]] * 40, [[np.nan] * 3] * 40]
)
def test_centres_that_do_not_fit(centres):
    policy = oo.ActionCentredTS(dim=2)
    log, _ = log_of(policy)
    before = policy.state_hash
    with pytest.raises(oo.InvalidInputError) as caught:
        policy.learn(**log | {"centres": centres})
    assert caught.value.field == "centres" and policy.state_hash == before


def test_other_policies_have_no_centre():
    policy = oo.LinUCB(dim=2)
    X = np.eye(2)
    assert policy.centre(policy.decide(X)).shape == (0,)
    with pytest.raises(oo.IncompatibleError):
        policy.centre(oo.LinUCB(dim=3).decide(np.eye(3)))
    with pytest.raises(oo.InvalidInputError):
        policy.centre(7)
