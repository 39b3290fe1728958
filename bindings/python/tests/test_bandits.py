"""Named bandits: durable, exact, shared between processes, and forgotten with a person."""

import asyncio
import dataclasses
import pickle
import uuid

import numpy as np
import pytest

import oo
import oo.aio

ROWS = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]])


def rows(number):
    x = ROWS.copy()
    x[0, 2] = number / 256
    return x


def decide(engine, number, **more):
    more = {"bandit": "prices", "policy": oo.LinUCB(alpha=0.5), "id": uuid.UUID(bytes=bytes([number] * 16))} | more
    return engine.decide(rows(number), **more)


def test_a_named_bandit_is_the_bare_bandit_on_disk(path, world):
    bare = oo.LinUCB(dim=3, alpha=0.5)
    with oo.Engine(path, test_world=world.path) as engine:
        for number in range(1, 40):
            decided = bare.decide(rows(number), seed=uuid.UUID(bytes=bytes([number] * 16)), day=20_514)
            choice = decide(engine, number)
            assert (choice.index, choice.propensity) == (decided.index, decided.propensity)
            assert choice.pmf.tobytes() == decided.pmf.tobytes()
            assert choice.scores.tobytes() == decided.scores.tobytes()
            assert (choice.arm, choice.estimated, choice.bounded.tolist()) == (str(choice.index), False, [])
            bare.update(decided, number % 3)
            rewarded = engine.reward(choice, number % 3)
            assert (rewarded.decision, rewarded.status, rewarded.reward) == (choice.id, "learned", number % 3)
        (live,) = engine.bandits()
        assert (live.name, live.lessons, live.state_hash) == ("prices", 39, bare.state_hash)
        assert engine.replay().differences == () and engine.replay().pmfs >= 39
        assert engine.decisions(10) == []
    with oo.Engine(path, test_world=world.path) as engine:
        assert engine.bandits() == [live]
        again = decide(engine, 7)
        assert engine.choice(again).reward == engine.choice(again.id).reward == 1.0
        assert engine.bandits()[0].lessons == 39


def test_a_reward_is_learned_once_revised_and_shared(path, tmp_path):
    with oo.Engine(path) as engine, oo.Engine(path) as other, oo.Engine(tmp_path / "last.db") as last:
        choice = decide(engine, 1)
        assert other.reward(choice, 1.0).status == "learned"
        assert engine.reward(choice, 1.0).status == "duplicate"
        assert decide(engine, 2).scores.tobytes() != choice.scores.tobytes()
        assert engine.reward(choice.id, -2.0).status == "revised"
        assert other.reward(uuid.UUID(choice.id), -2.0).status == "duplicate"
        last.reward(decide(last, 1), -2.0)
        assert last.bandits() == engine.bandits() == other.bandits()
        assert other.replay().differences == ()


def test_rewards_stand_for_themselves(engine):
    choices = engine.decide_all([rows(number) for number in range(20)], bandit="prices")
    pairs = [(choice, 1.0) for choice in choices[:18]] + [(choices[18].id, 99.0), (uuid.UUID(int=7), 1.0)]
    answers = engine.reward_all([*pairs, (choices[19], np.float32(0.5))])
    assert [answer.status for answer in answers[:18]] == ["learned"] * 18 and answers[20].reward == 0.5
    assert isinstance(answers[18], oo.InvalidInputError) and answers[18].field == "reward"
    assert isinstance(answers[19], oo.NotFoundError) and answers[19].field == "decision"
    assert engine.bandits()[0].lessons == 19
    assert engine.reward_all(iter([(choices[0], 1.0)]))[0].status == "duplicate" and engine.reward_all([]) == []
    for wrong, field in (
        (7, "rewards"),
        ([7], "rewards[0]"),
        ([(choices[18], 1.0), (choices[18], "much")], "rewards[1]"),
        ([(choices[18], 1.0), ("no id", 1.0)], "rewards[1].decision"),
        ([(choices[18], 1.0)] * 1001, "rewards"),
    ):
        with pytest.raises(oo.InvalidInputError) as caught:
            engine.reward_all(wrong)
        assert caught.value.field == field
    assert engine.bandits()[0].lessons == 19

    async def rewarded():
        return await oo.aio.Engine.of(engine).reward_all([(choices[18], 1.0)])

    assert asyncio.run(rewarded())[0].status == "learned"


def test_no_candidates_are_named_alike(engine):
    for given in (np.zeros((0, 2)), []):
        for bandit in ("new", "prices"):
            with pytest.raises(oo.InvalidInputError) as caught:
                engine.decide(given, bandit=bandit)
            assert caught.value.field == "candidates"
            with pytest.raises(oo.InvalidInputError) as caught:
                engine.decide_all([rows(1), given], bandit=bandit)
            assert caught.value.field == "decisions[1].candidates"
    assert engine.bandits() == []


def test_a_batch_shares_arms_and_user(engine):
    context = np.array([0.5, -0.5])
    made = engine.decide_all([context, {"X": context, "arms": ["c", "d"], "user": "u2"}], arms=["a", "b"], user="u1")
    assert made[0].arm in ("a", "b") and made[1].arm in ("c", "d")
    for user, choice, other in (("u1", *made), ("u2", *made[::-1])):
        assert choice.id in engine.export(user) and other.id not in engine.export(user)


def test_a_batch_is_one_commit(engine):
    def asked(number):
        return {"X": rows(number), "bandit": "prices", "id": uuid.UUID(bytes=bytes([number] * 16))}

    choices = engine.decide_all([asked(number) for number in range(1, 101)])
    assert len(choices) == 100
    wrong = [asked(number) for number in range(101, 111)]
    wrong[7]["X"][0, 1] = np.nan
    with pytest.raises(oo.InvalidInputError) as caught:
        engine.decide_all(wrong)
    assert caught.value.field == "decisions[7].x1"
    with pytest.raises(oo.NotFoundError):
        engine.choice(uuid.UUID(bytes=bytes([101] * 16)))
    again = engine.decide_all([asked(1), asked(120)])
    assert (again[0].id, again[0].index) == (choices[0].id, choices[0].index)
    assert engine.decide_all([]) == []


def test_a_batch_in_every_form(engine):
    cube = np.stack([rows(number) for number in range(5)])
    policy = oo.LinUCB(sharing="disjoint")
    shared = {"bandit": "forms", "policy": policy, "arms": ["low", "high"], "range": (-2, 2), "reward_range": (0, 1)}
    for given in (cube, list(cube), cube.astype(np.float32).tolist(), [{"X": one, "user": "anna"} for one in cube]):
        choices = engine.decide_all(given, **shared)
        assert [choice.arm for choice in choices] == [["low", "high"][choice.index] for choice in choices]
    contexts = engine.decide_all(cube[:, 0], **shared)
    assert [choice.pmf.shape for choice in contexts] == [(2,)] * 5
    (known,) = engine.bandits()
    assert (known.settings["range"], known.settings["reward_range"]) == ([-2.0, 2.0], [0.0, 1.0])
    own = engine.decide_all([{"X": ROWS, "bandit": "own", "policy": {"type": "uniform"}}, ROWS], bandit="forms", arms=["low", "high"])
    assert [choice.bandit for choice in own] == ["own", "forms"]


def test_forgetting_a_person_leaves_the_bandit_that_never_met_them(tmp_path, world):
    for policy in (oo.LinUCB(), oo.LinUCB(sharing="disjoint"), oo.Uniform()):
        states = []
        for met in (True, False):
            with oo.Engine(tmp_path / f"{id(policy)}-{met}.db", test_world=world.path) as engine:
                for number in range(1, 30):
                    user = "anna" if number % 3 == 0 else "ben"
                    if user == "anna" and not met:
                        continue
                    x, arm = [[number / 32, 1.0, -0.5]], ["low", "high"][number % 2]
                    choice = engine.decide(x, bandit="prices", policy=policy, arms=[arm], user=user)
                    engine.reward(choice, number % 2)
                if met:
                    assert engine.export("anna").count('"type":"choice"') == 9
                    assert engine.forget("anna").lessons == 9
                    assert "choice" not in engine.export("anna")
                    assert engine.replay().differences == ()
                states.append(engine.bandits())
        assert states[0] == states[1]


def test_what_is_wrong_is_said(engine):
    choice = decide(engine, 1)

    def said(call, kind, field):
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.field == field and caught.value.message
        return caught.value.message

    wrong, nobody = oo.InvalidInputError, uuid.UUID(bytes=bytes([9] * 16))
    said(lambda: engine.reward(nobody, 1.0), oo.NotFoundError, "decision")
    said(lambda: engine.choice(nobody), oo.NotFoundError, "decision")
    for value in (17.0, np.nan, np.inf):
        said(lambda value=value: engine.reward(choice, value), wrong, "reward")
    said(lambda: engine.decide(np.zeros((0, 3)), bandit="prices"), wrong, "candidates")
    said(lambda: engine.decide([], bandit="new"), wrong, "candidates")
    said(lambda: engine.decide(ROWS[0], bandit="new", arms=[]), wrong, "candidates")
    said(lambda: engine.decide(ROWS[:, :2], bandit="prices"), wrong, "x")
    said(lambda: engine.decide(ROWS * 99, bandit="prices"), wrong, "x0")
    said(lambda: engine.decide(ROWS, bandit="prices", arms=["a"]), wrong, "arms")
    said(lambda: engine.decide(ROWS, bandit="prices", policy=oo.Uniform()), oo.IncompatibleError, "policy")
    said(lambda: engine.decide(ROWS, bandit="prices", range=(-1, 1)), oo.IncompatibleError, "range")
    said(lambda: engine.decide(ROWS, bandit="prices", reward_range=(-1, 1)), oo.IncompatibleError, "reward_range")
    said(lambda: engine.decide(rows(1), bandit="other", id=choice.id), wrong, "id")
    tip = engine.recommend("anna")
    said(lambda: engine.reward(tip.id, 1.0), oo.NotFoundError, "decision")
    assert len(engine.bandits()) == 1


def test_the_advantage_over_doing_nothing_is_learned(engine):
    bare = oo.ActionCentredTS(dim=3)
    for number in range(1, 20):
        x, identity = [[0.0, 0.0, 0.0], [1.0, number / 32, -0.5]], uuid.UUID(bytes=bytes([number] * 16))
        decided = bare.decide(x, arms=["hold", "walk"], seed=identity, day=20_514)
        bare.update(decided, number % 2)
        choice = engine.decide(x, policy=oo.ActionCentredTS(), arms=["hold", "walk"], id=identity)
        assert choice.pmf.tobytes() == decided.pmf.tobytes() and choice.estimated == decided.estimated
        engine.reward(choice, number % 2)
    assert (engine.bandits()[0].name, engine.bandits()[0].state_hash) == ("default", bare.state_hash)
    assert engine.replay().differences == ()


def test_answers_are_data(engine):
    choice = decide(engine, 1)
    assert dataclasses.asdict(choice)["decision"] == choice.id == choice.decision
    again = pickle.loads(pickle.dumps(choice))
    assert again.pmf.tobytes() == choice.pmf.tobytes() and again.id == choice.id
    for array, kind in ((choice.pmf, np.float64), (choice.scores, np.float64), (choice.bounded, np.int64)):
        assert type(array) is np.ndarray and array.dtype == kind
    (policy,) = engine.policies()
    assert (policy.policy, policy.role, policy.lessons) == (engine.health().policy, "champion", 0)
    assert policy.state_hash == engine.health().state_hash or policy.state_hash


def test_they_are_awaitable(path):
    async def main():
        async with oo.aio.Engine(path) as engine:
            choices = await asyncio.gather(*(engine.decide(rows(n), bandit="prices") for n in range(20)))
            await asyncio.gather(*(engine.reward(choice, 1.0) for choice in choices))
            assert (await engine.choice(choices[0])).reward == 1.0
            assert len(await engine.decide_all([ROWS, ROWS], bandit="prices")) == 2
            assert (await engine.bandits())[0].lessons == 20
            assert len(await engine.policies()) == 1

    asyncio.run(main())
