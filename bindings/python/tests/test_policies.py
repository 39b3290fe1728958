"""The bandits alone, on numpy arrays."""

import copy
import math
import pickle
import uuid

import numpy as np
import pytest

import oo

DIM = 6
KINDS = [oo.LinUCB, oo.EpsilonGreedy, oo.Greedy, oo.Uniform]


def lessons(count=200, seed=0):
    draw = np.random.default_rng(seed)
    X = draw.uniform(-1, 1, (count, DIM))
    return X, X @ np.linspace(-1, 1, DIM) + draw.normal(0, 0.1, count)


@pytest.mark.parametrize("kind", KINDS)
def test_decide_update_save_load(kind):
    policy = kind(dim=DIM)
    X, rewards = lessons(10)
    decided = policy.decide(X, seed=7)
    assert 0 <= decided.index < 10
    assert decided.pmf.shape == decided.scores.shape == (10,)
    assert decided.pmf.dtype == decided.scores.dtype == np.float64
    assert math.isclose(decided.pmf.sum(), 1.0, abs_tol=1e-12)
    assert decided.propensity == decided.pmf[decided.index] > 0
    policy.update(decided, 1.0)
    policy.learn(X, rewards)
    assert policy.lessons == 11
    again = kind.load(policy.save())
    assert type(again) is kind and again.state_hash == policy.state_hash
    assert again.save() == policy.save()
    assert again.decide(X, seed=8).pmf.tobytes() == policy.decide(X, seed=8).pmf.tobytes()


def test_the_same_seed_draws_the_same():
    policy = oo.Uniform(dim=DIM)
    X, _ = lessons(50)
    assert policy.decide(X, seed=7).index == policy.decide(X, seed=np.int64(7)).index
    decision = uuid.UUID("0198a8f0-0000-7000-8000-000000000001")
    assert policy.decide(X, seed=decision).index == policy.decide(X, seed=str(decision)).index
    assert len({policy.decide(X, seed=n).index for n in range(100)}) > 20
    assert len({policy.decide(X).index for _ in range(100)}) > 20


def test_linucb_learns():
    policy = oo.LinUCB(dim=DIM, epsilon=0.0)
    policy.learn(*lessons(2_000))
    X, _ = lessons(30, seed=1)
    assert policy.decide(X, seed=1).index == np.argmax(X @ np.linspace(-1, 1, DIM))


def test_exactness_of_order_batches_shards_and_unlearning():
    X, rewards = lessons(500)
    whole = oo.LinUCB(dim=DIM)
    whole.learn(X, rewards)
    order = np.random.default_rng(3).permutation(500)
    shuffled, left, right = (oo.LinUCB(dim=DIM) for _ in range(3))
    shuffled.learn(X[order], rewards[order])
    left.learn(X[:123], rewards[:123])
    right.learn(X[123:], rewards[123:])
    merged = oo.Policy.merge(right, left)
    assert shuffled.state_hash == merged.state_hash == whole.state_hash
    whole.unlearn(X[:123], rewards[:123])
    assert whole.state_hash == right.state_hash
    right.revise(X[123:124], [0.25], rewards[123:124])
    other = oo.LinUCB(dim=DIM)
    other.learn(X[123:], np.r_[0.25, rewards[124:]])
    assert right.state_hash == other.state_hash


@pytest.mark.parametrize(
    "form",
    [
        lambda X: X.astype(np.float32),
        lambda X: np.asfortranarray(X),
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X.tolist(),
        lambda X: X.astype(">f8"),
        lambda X: np.frombuffer(b"x" + X.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(X.shape),
    ],
    ids=["float32", "fortran", "strided", "list", "byte order", "unaligned"],
)
def test_other_arrays_are_converted(form):
    policy = oo.LinUCB(dim=DIM)
    X = np.round(lessons(9)[0] * 64) / 64
    policy.learn(X, np.ones(9))
    expected = policy.decide(X, seed=1).scores
    assert policy.decide(form(X), seed=1).scores.tobytes() == expected.tobytes()


def test_read_only_and_integer_arrays():
    policy = oo.LinUCB(dim=2)
    X = np.array([[1, 2], [3, 4]])
    frozen = X.astype(float)
    frozen.setflags(write=False)
    assert policy.decide(X, seed=1).scores.tobytes() == policy.decide(frozen, seed=1).scores.tobytes()
    policy.learn(frozen, np.array([True, False]))
    assert policy.lessons == 2


def test_float64_is_not_copied():
    policy = oo.Uniform(dim=1)
    X = np.zeros((4_000_000, 1))
    import tracemalloc

    tracemalloc.start()
    policy.decide(X, seed=1)
    native = tracemalloc.get_traced_memory()[1]
    policy.decide(X.astype(np.float32), seed=1)
    converted = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert native < 1_000_000 < converted


@pytest.mark.parametrize(
    ("X", "field"),
    [
        (np.full((3, DIM), np.nan), "x0"),
        (np.where(np.eye(DIM)[[4]] > 0, np.inf, 0.0), "x4"),
        (np.where(np.eye(DIM)[[2]] > 0, 17.0, 0.0), "x2"),
        (np.zeros((0, DIM)), "candidates"),
        (np.zeros((3, DIM + 1)), "x"),
        (np.zeros(DIM), "x"),
        (np.zeros((1, 2, DIM)), "x"),
        (np.zeros(()), "x"),
        ([[1.0], [1.0, 2.0]], "x"),
        (np.array([["a"] * DIM]), "x"),
        (np.zeros((2, DIM), dtype=complex), "x"),
        (np.zeros((2, DIM), dtype=object), "x"),
        (None, "x"),
    ],
)
def test_wrong_arrays_name_their_column(X, field):
    policy = oo.LinUCB(dim=DIM)
    with pytest.raises(oo.InvalidInputError) as caught:
        policy.decide(X, seed=1)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("X", "rewards"),
    [
        (np.zeros((2, DIM)), [0.0]),
        (np.zeros((2, DIM)), [0.0, np.nan]),
        (np.zeros((2, DIM)), [0.0, 99.0]),
        (np.zeros((2, DIM)), [[0.0, 0.0]]),
        (np.full((2, DIM), 99.0), [0.0, 0.0]),
    ],
)
def test_learn_takes_all_or_nothing(X, rewards):
    policy = oo.LinUCB(dim=DIM)
    before = policy.state_hash
    with pytest.raises(oo.InvalidInputError):
        policy.learn(X, rewards)
    assert policy.state_hash == before and policy.lessons == 0


def test_update_refuses_a_wrong_reward_and_another_policys_decision():
    policy = oo.LinUCB(dim=2, reward_range=(0, 1))
    decided = policy.decide(np.zeros((2, 2)), seed=1)
    for reward in (math.nan, math.inf, 1.5, -0.1):
        with pytest.raises(oo.InvalidInputError):
            policy.update(decided, reward)
    with pytest.raises(oo.IncompatibleError):
        oo.LinUCB(dim=3).update(decided, 1.0)


def test_auto_range_is_fixed_by_the_first_call():
    policy = oo.LinUCB(dim=1, range="auto")
    assert "range='auto'" in repr(policy)
    with pytest.raises(oo.InvalidInputError):
        policy.state_hash
    policy.decide([[3.0], [-2.0]], seed=1)
    assert policy.settings["range"] == (-4.0, 4.0)
    with pytest.raises(oo.InvalidInputError, match="range"):
        policy.decide([[5.0]], seed=1)
    large = oo.LinUCB(dim=1, range="auto")
    large.learn(np.full((100_000, 1), 3.0), np.zeros(100_000))
    assert large.settings["range"] == (-4.0, 4.0) and large.lessons == 100_000


def test_disjoint_arms():
    policy = oo.LinUCB(dim=1, sharing="disjoint", epsilon=0.0, alpha=0.0, lam=0.1)
    policy.learn(np.ones((4, 1)), [1, 1, -1, -1], arms=["good", "good", "bad", "bad"])
    decided = policy.decide(np.ones((2, 1)), arms=["bad", "good"], seed=1)
    assert decided.index == 1 and decided.arm == "good"
    with pytest.raises(oo.InvalidInputError) as caught:
        policy.decide(np.ones((2, 1)), arms=["bad"], seed=1)
    assert caught.value.field == "arms"
    assert policy.decide(np.ones((2, 1)), arms=np.array([1, 2]), seed=1).arm in ("1", "2")


def test_explain_adds_up():
    policy = oo.LinUCB(dim=DIM, alpha=0.5)
    policy.learn(*lessons())
    X, _ = lessons(3, seed=5)
    said = policy.explain(X, 2)
    assert said.contributions.shape == (DIM,)
    assert math.isclose(said.contributions.sum() + said.intercept, said.mean, abs_tol=1e-9)
    assert math.isclose(said.mean + 0.5 * said.width, said.score, abs_tol=1e-9)
    assert math.isclose(said.score, policy.decide(X, seed=1).scores[2], abs_tol=1e-9)
    for index in (3, -1):
        with pytest.raises(oo.InvalidInputError):
            policy.explain(X, index)


def test_pickle_copy_and_repr():
    policy = oo.LinUCB(dim=2, alpha=0.7)
    policy.learn([[1.0, 2.0]], [1.0])
    for twin in (pickle.loads(pickle.dumps(policy)), copy.copy(policy), copy.deepcopy(policy)):
        assert twin.state_hash == policy.state_hash and repr(twin) == repr(policy)
        twin.learn([[1.0, 2.0]], [0.0])
        assert twin.state_hash != policy.state_hash
    assert repr(policy) == (
        "LinUCB(dim=2, alpha=0.7, lam=1.0, sharing='shared', epsilon=0.05, intercept=True, "
        "range=(-16.0, 16.0), reward_range=(-16.0, 16.0)) with 1 lessons"
    )
    assert repr(oo.Uniform()) == "Uniform()"
    assert repr(pickle.loads(pickle.dumps(oo.LinUCB(alpha=0.3)))) == repr(oo.LinUCB(alpha=0.3))


def test_loading_what_is_not_that_policy():
    saved = oo.LinUCB(dim=2).save()
    assert type(oo.Policy.load(saved)) is oo.LinUCB
    with pytest.raises(oo.InvalidInputError):
        oo.Uniform.load(saved)
    for broken in (b"", b"rubbish", saved[:-1], saved[:40] + b"x" + saved[41:]):
        with pytest.raises(oo.Error) as caught:
            oo.LinUCB.load(broken)
        assert not isinstance(caught.value, oo.InternalError)


@pytest.mark.parametrize(
    "arguments",
    [
        {"dim": 0},
        {"dim": -1},
        {"dim": 10**6},
        {"dim": 2, "alpha": -1.0},
        {"dim": 2, "alpha": math.nan},
        {"dim": 2, "lam": 0.0},
        {"dim": 2, "epsilon": 1.5},
        {"dim": 2, "sharing": "some"},
        {"dim": 2, "range": (1.0, -1.0)},
        {"dim": 2, "range": "wide"},
        {"dim": 2, "range": (0.0, math.inf)},
        {"dim": 2, "reward_range": "auto"},
    ],
)
def test_wrong_settings_are_refused(arguments):
    with pytest.raises(oo.InvalidInputError):
        oo.LinUCB(**arguments)


def test_a_policy_without_dim_is_for_an_engine():
    policy = oo.LinUCB(alpha=0.5)
    assert policy.dim is None and policy.lessons == 0
    with pytest.raises(oo.InvalidInputError) as caught:
        policy.decide([[1.0]], seed=1)
    assert caught.value.field == "dim"


@pytest.mark.parametrize("seed", [-1, 2**64, "seven", 1.5])
def test_wrong_seeds_are_refused(seed):
    with pytest.raises(oo.InvalidInputError) as caught:
        oo.Uniform(dim=1).decide([[1.0]], seed=seed)
    assert caught.value.field == "seed"
