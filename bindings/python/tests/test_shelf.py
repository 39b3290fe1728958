"""Every kind of policy as a class: its parameters are its settings, and what scikit-learn asks of an estimator."""

import copy
import json
import pickle

import numpy as np
import pytest

import oo

DIM = 4
# Made by `Policy.of_settings` alone: they have no class yet.
SETTINGS_ONLY = {
    "dlinucb",
    "sw_linucb",
    "beta_ts",
    "ucb1",
    "logistic",
    "mixture",
}
CLASSES = sorted(oo.Policy.__subclasses__(), key=lambda cls: cls.__name__)


def kind_of(cls):
    return json.loads(cls().to_json())["settings"]["type"]


def taught(cls):
    policy = cls(dim=DIM)
    draw = np.random.default_rng(3)
    X = draw.uniform(-1, 1, (40, DIM))
    if cls is oo.ActionCentredTS:
        # It learns from what its own decisions would have shown on average.
        for n in range(40):
            policy.update(policy.decide(X[:2], arms=["hold", "walk"], seed=n), float(n % 2))
        return policy, X[:3]
    policy.learn(X, draw.uniform(0, 1, 40).round(), arms=[f"a{n % 3}" for n in range(40)], propensities=0.5)
    return policy, X[:3]


def test_every_kind_has_a_class():
    with pytest.raises(oo.InvalidInputError) as caught:
        oo.Policy.of_settings({"type": "no such kind"})
    known = set(caught.value.message.split("the types are ")[1].split(", "))
    assert known - SETTINGS_ONLY == {kind_of(cls) for cls in CLASSES}


@pytest.mark.parametrize("cls", CLASSES)
def test_the_defaults_are_the_cores(cls):
    plain = oo.Policy.of_settings({"type": kind_of(cls)})
    assert type(plain) is cls
    assert cls().to_json() == plain.to_json()
    assert cls().get_params() == plain.get_params()


@pytest.mark.parametrize("cls", CLASSES)
def test_every_setting_is_a_parameter(cls):
    settings = json.loads(cls().to_json())["settings"]
    named = {"lam" if name == "lambda" else name for name in settings} - {"type"}
    if "exploration" in named:
        named = named - {"exploration"} | {"epsilon", "tau"}
    # The columns of hybrid sharing are part of `sharing`.
    assert named == set(cls().get_params()) - {"dim", "range", "reward_range", "context"}


@pytest.mark.parametrize("cls", CLASSES)
def test_parameters_make_the_same_policy(cls):
    policy = cls(dim=DIM, reward_range=(0, 1))
    again = cls(**policy.get_params())
    assert again.to_json() == policy.to_json() and repr(again) == repr(policy)
    assert policy.get_params(deep=False) == policy.get_params()


@pytest.mark.parametrize("cls", CLASSES)
def test_json_and_pickle_change_no_bit(cls):
    policy, X = taught(cls)
    arms = ["a0", "a1", "a2"]
    for again in (
        cls.from_json(policy.to_json()),
        pickle.loads(pickle.dumps(policy)),
        copy.deepcopy(policy),
        oo.Policy.from_json(json.dumps(json.loads(policy.to_json()))),
    ):
        assert type(again) is cls and again.save() == policy.save()
        one, two = (p.decide(X, arms=arms, seed=5, day=7) for p in (again, policy))
        assert one.pmf.tobytes() == two.pmf.tobytes() and one.index == two.index
    bare = cls.from_json(cls().to_json())
    assert bare.dim is None and repr(bare) == repr(cls())


def test_hybrid_sharing_and_its_columns():
    policy = oo.LinUCB(dim=DIM, sharing="hybrid", context=2)
    assert (policy.settings["sharing"], policy.settings["context"]) == ("hybrid", 2)
    assert cls_again(policy).to_json() == policy.to_json()
    assert "context" not in oo.LinUCB(dim=DIM, sharing="hybrid").settings
    with pytest.raises(oo.InvalidInputError) as caught:
        oo.LinUCB(dim=DIM, context=2)
    assert caught.value.field == "context"


def cls_again(policy):
    return type(policy)(**policy.get_params())


def test_what_is_no_json_of_a_policy_is_refused():
    other = next(cls for cls in CLASSES if cls is not oo.LinUCB)
    for text in ("", "{}", "[1]", '{"format": "oo.policy.v2"}', '{"format": "oo.policy.v1", "state": "%"}'):
        with pytest.raises(oo.InvalidInputError):
            oo.Policy.from_json(text)
    for policy in (oo.LinUCB(dim=2), oo.LinUCB()):
        with pytest.raises(oo.InvalidInputError):
            other.from_json(policy.to_json())


def test_set_params_on_an_unlearned_policy_only():
    policy = oo.LinUCB(dim=2, alpha=0.5)
    assert policy.set_params(alpha=2.0, tau=0.1) is policy
    assert policy.get_params()["alpha"] == 2.0 and policy.get_params()["tau"] == 0.1
    policy.set_params(dim=3).learn(np.ones((1, 3)), [1.0])
    before = policy.save()
    with pytest.raises(oo.IncompatibleError, match="learned"):
        policy.set_params(alpha=1.0)
    with pytest.raises(oo.InvalidInputError) as caught:
        policy.set_params(alhpa=1.0)
    assert caught.value.field == "alhpa" and "alpha" in caught.value.message
    with pytest.raises(oo.InvalidInputError):
        oo.LinUCB(dim=2).set_params(alpha=-1.0)
    assert policy.save() == before


def test_partial_fit_is_learn_and_returns_the_policy():
    X, y = np.eye(3), np.array([1.0, 0.0, 1.0])
    one, two = oo.LinUCB(dim=3), oo.LinUCB(dim=3)
    assert one.partial_fit(X, y) is one
    two.learn(X, y)
    assert one.save() == two.save()


def test_sklearn_clones_it():
    base = pytest.importorskip("sklearn.base")
    policy, _ = taught(oo.LinUCB)
    twin = base.clone(policy)
    assert type(twin) is oo.LinUCB and twin.lessons == 0 and twin.get_params() == policy.get_params()


def test_a_context_is_for_all_arms():
    policy = oo.LinUCB(dim=DIM, sharing="disjoint")
    X = np.eye(DIM)[:3]
    policy.learn(X, [1.0, 0.0, 0.5], arms=["a", "b", "c"])
    x = np.array([0.1, -0.2, 0.3, 0.4])
    rows = policy.decide(np.tile(x, (3, 1)), arms=["a", "b", "c"], seed=1)
    for arms in (["a", "b", "c"], ("a", "b", "c"), oo.Arms(["a", "b", "c"]), np.array(["a", "b", "c"])):
        context = policy.decide(x, arms=arms, seed=1)
        assert context.scores.tobytes() == rows.scores.tobytes() and context.arm == rows.arm
    assert policy.explain(x, 1, arms=["a", "b", "c"]).score == policy.explain(np.tile(x, (3, 1)), 1, arms="abc").score
    for wrong in (x, x[:2]):
        with pytest.raises(oo.InvalidInputError) as caught:
            policy.decide(wrong, arms=["a"] if len(wrong) == 2 else None, seed=1)
        assert caught.value.field == "x"


def test_arms_are_read_once_and_lists_that_change_are_read_again():
    arms = oo.Arms(["a", 2, "c"])
    assert list(arms) == ["a", "2", "c"] and len(arms) == 3 and arms[-1] == "c"
    assert repr(arms) == 'Arms(["a", "2", "c"])'
    policy, names = oo.Uniform(dim=1), ["a", "b"]
    X = np.zeros((2, 1))
    assert policy.decide(X, arms=names, seed=1).arm == policy.decide(X, arms=list(names), seed=1).arm
    index = policy.decide(X, arms=names, seed=1).index
    names[index] = "other"
    assert policy.decide(X, arms=names, seed=1).arm == "other"


@pytest.mark.parametrize("form", ["cube", "list", "contexts"])
def test_decide_batch_is_decide_many_times(form):
    policy = oo.LinUCB(dim=DIM, sharing="disjoint", tau=0.5)
    draw = np.random.default_rng(1)
    cube = draw.uniform(-1, 1, (20, 3, DIM))
    arms = ["a", "b", "c"]
    policy.learn(cube[:, 0], draw.uniform(0, 1, 20), arms=["a"] * 20)
    if form == "contexts":
        cube = np.repeat(cube[:, :1], 3, axis=1)
    X = {"cube": cube, "list": list(cube), "contexts": np.ascontiguousarray(cube[:, 0])}[form]
    batch = policy.decide_batch(X, arms=arms, seed=100)
    singles = [policy.decide(rows, arms=arms, seed=100 + n) for n, rows in enumerate(cube)]
    assert len(batch) == 20 and [one.index for one in batch] == [one.index for one in singles]
    assert batch.index.dtype == np.int64 and batch.index.tolist() == [one.index for one in singles]
    assert batch.pmf.shape == batch.scores.shape == (20, 3)
    assert batch.pmf.tobytes() == np.array([one.pmf for one in singles]).tobytes()
    assert batch.propensity.tolist() == [one.propensity for one in singles]
    assert batch.arm == [one.arm for one in singles] and batch[-1].arm == batch.arm[-1]
    rewards = draw.uniform(0, 1, 20)
    twins = [oo.Policy.load(policy.save()) for _ in range(4)]
    for one, reward in zip(singles, rewards, strict=True):
        policy.update(one, reward)
    twins[0].update_batch(batch, rewards)
    twins[1].learn(batch, rewards)
    twins[2].update_batch(singles, rewards)
    twins[3].partial_fit(batch, rewards)
    assert {twin.save() for twin in twins} == {policy.save()}


def test_decide_batch_of_matrices_that_differ():
    policy = oo.LinUCB(dim=2)
    matrices = [np.ones((2, 2)), np.zeros((3, 2), dtype=np.float32), np.ones((1, 2))]
    batch = policy.decide_batch(matrices, seed=[1, 2, 3])
    assert [len(pmf) for pmf in batch.pmf] == [len(scores) for scores in batch.scores] == [2, 3, 1]
    named = policy.decide_batch(matrices, arms=[["a", "b"], ["c", "d", "e"], ["f"]], seed=1)
    assert named.arm[2] == "f" and repr(named) == "DecidedBatch of 3 decisions"
    assert len(policy.decide_batch(np.zeros((0, 3, 2)), seed=1)) == 0
    with pytest.raises(IndexError):
        batch[3]


def test_large_batches_let_other_threads_run():
    import threading

    policy, beats, stop = oo.LinUCB(dim=32), [], threading.Event()

    def beat():
        while not stop.wait(0.001):
            beats.append(1)

    thread = threading.Thread(target=beat)
    thread.start()
    policy.decide_batch(np.zeros((20_000, 10, 32)), seed=1)
    during = len(beats)
    stop.set()
    thread.join()
    assert during > 3


def test_people_and_days():
    policy = oo.LinUCB(dim=1)
    import datetime

    X, y = np.ones((3, 1)), np.ones(3)
    for people in (None, "u-1", 7, ["u-1", "u-2", 3], np.array([1, 2, 3])):
        policy.learn(X, y, people=people)
    for days in (None, 20_000, datetime.date(2026, 3, 1), [1, 2, 3], np.array([1, 2, 3], dtype="datetime64[D]")):
        policy.learn(X, y, days=days)
    decided = policy.decide(X, person="u-1", day=datetime.date(2026, 3, 1), seed=1)
    policy.update(decided, 1.0)
    assert policy.lessons == 31
    policy.decide_batch(np.ones((2, 3, 1)), people=["a", "b"], days=[1, 2], seed=1)
    wrong = [{"people": ["a", "b"]}, {"people": 1.5}, {"days": [1, 2]}, {"days": 1.5}, {"days": "soon"}]
    for arguments in wrong:
        with pytest.raises(oo.InvalidInputError) as caught:
            policy.learn(X, y, **arguments)
        assert caught.value.field == next(iter(arguments))
    with pytest.raises(oo.InvalidInputError):
        policy.decide_batch(np.ones((2, 3, 1)), people=["a", "b", "c"])
