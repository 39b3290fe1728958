"""Every kind of policy as a class: its parameters are its settings, and what scikit-learn asks of an estimator."""

import copy
import doctest
import json
import pickle

import numpy as np
import pytest
from sklearn.base import clone

import oo

DIM = 4
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
    assert known == {kind_of(cls) for cls in CLASSES} and len(CLASSES) == len(known)


@pytest.mark.parametrize("cls", CLASSES)
def test_the_defaults_are_the_cores(cls):
    plain = oo.Policy.of_settings({"type": kind_of(cls)})
    assert type(plain) is cls
    assert cls().to_json() == plain.to_json()
    # The members of a mixture are policies, which are equal by what they say.
    assert repr(cls().get_params()) == repr(plain.get_params())


WORDS = {
    "lambda": {"lam"},
    "reward_range": {"rewards"},
    "exploration": {"epsilon", "tau"},
    "forgetting": {"half_life_days", "gamma"},
    "window": {"days", "steps"},
    "members": {"members", "weights"},
}


@pytest.mark.parametrize("cls", CLASSES)
def test_every_setting_is_a_parameter(cls):
    settings = json.loads(cls().to_json())["settings"]
    named = set().union(*(WORDS.get(name, {name}) for name in settings if name != "type"))
    # The columns of hybrid sharing are part of `sharing`, and of `exploration` what else logistic regression has.
    more = {"context"} | ({"scale", "draws", "gamma", "exponent"} if cls is oo.Logistic else set())
    assert named == set(cls().get_params()) - {"dim", "range", "reward_range"} - more


@pytest.mark.parametrize("cls", CLASSES)
def test_the_documented_example_is_true(cls):
    examples = doctest.DocTestParser().get_doctest(cls.__doc__, vars(oo).copy(), cls.__name__, None, None)
    told = []
    doctest.DocTestRunner().run(examples, out=told.append)
    assert examples.examples and not told, "".join(told)


@pytest.mark.parametrize("cls", CLASSES)
def test_parameters_make_the_same_policy(cls):
    policy = cls(dim=DIM, reward_range=(0, 1))
    again = cls(**policy.get_params())
    assert again.to_json() == policy.to_json() and repr(again) == repr(policy)
    assert repr(policy.get_params(deep=False)) == repr(policy.get_params())
    assert eval(repr(policy), vars(oo).copy()).to_json() == policy.to_json()  # noqa: S307


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


FORMS = [
    (oo.DLinUCB, {"half_life_days": 7.0}, {"forgetting": {"half_life_days": 7.0}}),
    (oo.DLinUCB, {"gamma": 0.99, "alpha": None}, {"forgetting": {"per_step": 0.99}, "alpha": None}),
    (oo.SlidingWindowLinUCB, {"days": 14, "sharing": "disjoint"}, {"window": {"days": 14}, "sharing": "disjoint"}),
    (oo.SlidingWindowLinUCB, {"steps": 169, "alpha": None}, {"window": {"steps": 169}, "alpha": None}),
    (oo.BetaTS, {"prior": (0.5, 2.0)}, {"prior": [0.5, 2.0]}),
    (oo.UCB1, {"rewards": (-1.0, 1.0), "tau": 0.5}, {"reward_range": [-1.0, 1.0], "exploration": {"type": "softmax", "tau": 0.5}}),
    (oo.Logistic, {"tau": 0.1}, {"exploration": {"type": "softmax", "tau": 0.1}}),
    (
        oo.Logistic,
        {"scale": 0.5, "draws": 64, "epsilon": 0.1},
        {"exploration": {"type": "thompson", "scale": 0.5, "draws": 64, "epsilon": 0.1}},
    ),
    (
        oo.Logistic,
        {"gamma": 3.0, "exponent": 0.25},
        {"exploration": {"type": "inverse_gap", "gamma": 3.0, "exponent": 0.25}},
    ),
    (oo.Logistic, {"gamma": 10.0}, {"exploration": {"type": "inverse_gap"}}),
    (
        oo.Mixture,
        {"members": [oo.Greedy(), {"type": "uniform"}], "weights": np.array([3, 1])},
        {"members": [{"weight": 3, "policy": {"type": "greedy"}}, {"weight": 1, "policy": {"type": "uniform"}}]},
    ),
    (oo.Mixture, {"members": [oo.Greedy()]}, {"members": [{"weight": 1, "policy": {"type": "greedy"}}]}),
]


@pytest.mark.parametrize(("cls", "arguments", "settings"), FORMS)
def test_a_setting_of_several_forms_has_a_parameter_each(cls, arguments, settings):
    policy = cls(**arguments)
    assert policy.to_json() == oo.Policy.of_settings({"type": kind_of(cls), **settings}).to_json()
    again = cls_again(policy)
    assert again.to_json() == policy.to_json() and repr(again) == repr(policy)
    assert eval(repr(policy), vars(oo).copy()).to_json() == policy.to_json()  # noqa: S307
    given = {name: policy.get_params()[name] for name in arguments}
    if cls is not oo.Mixture:
        assert given == arguments
    else:
        assert [type(member) for member in policy.get_params()["members"]][:1] == [oo.Greedy]


@pytest.mark.parametrize("cls", [oo.BetaTS, oo.UCB1, oo.Logistic])
def test_the_rewards_that_a_kind_knows_and_those_of_arrays_follow_each_other(cls):
    def both(policy):
        return policy.get_params()["rewards"], policy.get_params()["reward_range"]

    assert both(cls()) == ((0.0, 1.0), None) and both(cls(dim=1)) == ((0.0, 1.0), (0.0, 1.0))
    assert both(cls(dim=1, reward_range=(-1, 1))) == both(cls(dim=1, rewards=(-1, 1))) == ((-1.0, 1.0), (-1.0, 1.0))
    assert both(cls(reward_range=(-1, 1))) == ((-1.0, 1.0), None)
    assert both(cls(dim=1, rewards=(-2, 2), reward_range=(-1, 1))) == ((-2.0, 2.0), (-1.0, 1.0))
    policy = cls(dim=1, reward_range=(-1, 1))
    assert both(policy.set_params(reward_range=(0, 4))) == ((0.0, 4.0), (0.0, 4.0))
    assert both(policy.set_params(rewards=(0, 2))) == ((0.0, 2.0), (0.0, 2.0))
    assert both(policy.set_params(epsilon=0.1)) == ((0.0, 2.0), (0.0, 2.0))


def test_members_change_with_their_weights():
    policy = oo.Mixture(members=[oo.Greedy(), oo.Uniform()], weights=[3, 1])
    assert policy.set_params(members=[oo.LinUCB(), oo.Greedy(), oo.Uniform()]).get_params()["weights"] == (1.0, 1.0, 1.0)
    assert policy.set_params(weights=[1, 2, 3]).get_params()["weights"] == (1.0, 2.0, 3.0)
    assert oo.Mixture(weights=[1, 1]).get_params()["weights"] == (1.0, 1.0)


@pytest.mark.parametrize("cls", CLASSES)
def test_an_engine_takes_every_class(cls, tmp_path):
    """As the one that serves, as a shadow, and as a named bandit's."""
    rewards = {"rewards": (-0.3, 1)} if "rewards" in cls().get_params() else {}
    with oo.Engine(tmp_path / "oo.db", policy=cls(**rewards), shadows=[cls(**rewards)]) as engine:
        for _ in range(3):
            engine.react(engine.recommend("u"), "done")
        roles = {one.role: one.settings["type"] for one in engine.policies()}
        assert set(roles.values()) == {kind_of(cls)} and len(roles) == 2
        assert [one.lessons for one in engine.policies()] == [3, 3]
        for n in range(4):
            choice = engine.decide(np.eye(2), policy=cls(), arms=["hold", "walk"])
            engine.reward(choice, float(n % 2))
        assert engine.bandits()[0].lessons == 4 and engine.replay().differences == ()


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
    policy, _ = taught(oo.LinUCB)
    twin = clone(policy)
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
    assert policy.explain(x, 1, arms=["a", "b", "c"]).score == policy.explain(np.tile(x, (3, 1)), 1, arms=list("abc")).score
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


def test_a_person_is_taken_out_of_the_hierarchical_policy_exactly():
    policy, never = oo.Hierarchical(dim=2), oo.Hierarchical(dim=2)
    X, y = [[1, 0], [0, 1]], [1, 0.5]
    for each in (policy, never):
        each.learn(X, y, people="stays")
    policy.learn(X, y, people=["goes", "goes"])
    assert policy.state_hash != never.state_hash
    policy.unlearn(X, y, people="goes")
    assert policy.state_hash == never.state_hash


def test_merging_is_exact_for_kinds_that_add_and_said_for_those_that_do_not():
    for cls in CLASSES:
        policy, X = taught(cls)
        if cls is oo.Logistic:
            with pytest.raises(oo.IncompatibleError):
                oo.Policy.merge(policy, policy)
            continue
        fresh = cls(dim=DIM)
        for shards in ([policy, fresh], [fresh, policy]):
            merged = oo.Policy.merge(*shards)
            assert type(merged) is cls and merged.state_hash == policy.state_hash, cls.__name__
        again, _ = taught(cls)
        twice = oo.Policy.merge(policy, again)
        assert twice.lessons == 2 * policy.lessons, cls.__name__
