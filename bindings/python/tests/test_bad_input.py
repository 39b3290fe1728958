"""What the peers swallow: each has a typed error here that says what to do, or the conversion that the README states."""

import math
import re
import sys

import numpy as np
import pytest

import oo

DIM = 3
X = np.round(np.random.default_rng(5).uniform(-1, 1, (4, DIM)) * 64) / 64
Y = np.array([1.0, 0.0, 1.0, 0.0])


def refused(call, field, kind=oo.InvalidInputError):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.field == field and caught.value.message
    return caught.value.message


def with_value(value, row=2, column=1):
    wrong = X.copy()
    wrong[row, column] = value
    return wrong


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinities_name_row_and_column(value):
    policy = oo.LinUCB(dim=DIM)
    for call in (
        lambda: policy.decide(with_value(value), seed=1),
        lambda: policy.decide(with_value(value).astype(np.float32), seed=1),
        lambda: policy.learn(with_value(value), Y),
        lambda: policy.decide_batch(with_value(value)[None], seed=1),
        lambda: policy.explain(with_value(value), 0),
    ):
        assert "row 2, column 1" in refused(call, "x1")
    assert "reward 3" in refused(lambda: policy.learn(X, [0, 0, 0, value]), "reward")
    assert policy.lessons == 0


@pytest.mark.parametrize("p", [0.0, -0.5, 1.5, math.nan])
def test_probability_zero_is_no_propensity(p):
    policy = oo.LinUCB(dim=DIM)
    assert "(0, 1]" in refused(lambda: policy.learn(X, Y, propensities=[0.5, 0.5, p, 1.0]), "propensities")
    refused(lambda: policy.partial_fit(X, Y, propensities=p), "propensities")
    refused(lambda: policy.learn(X, Y, propensities=[0.5]*3), "propensities")
    assert policy.lessons == 0


def test_what_another_policy_decided_is_not_learned():
    decided = oo.LinUCB(dim=2).decide(np.zeros((2, 2)), seed=1)
    policy = oo.LinUCB(dim=DIM)
    refused(lambda: policy.update(decided, 1.0), None, oo.IncompatibleError)
    refused(lambda: policy.update_batch([decided], [1.0]), None, oo.IncompatibleError)
    refused(lambda: policy.update_batch([0.5], [1.0]), "decided")
    refused(lambda: policy.update_batch(3, [1.0]), "decided")
    own, arms = oo.LinUCB(dim=DIM, sharing="disjoint"), list("abcd")
    for another in (policy, oo.LinUCB(dim=DIM, sharing="disjoint", alpha=0.5), oo.Uniform(dim=DIM)):
        decided = another.decide(X, arms=arms, seed=1)
        refused(lambda decided=decided: own.update(decided, 1.0), None, oo.IncompatibleError)
        refused(lambda decided=decided: own.update_batch([decided], [1.0]), None, oo.IncompatibleError)
        refused(lambda decided=decided: own.centre(decided), None, oo.IncompatibleError)
    assert own.lessons == 0
    decided = own.decide(X, arms=arms, seed=1)
    for same in (oo.Policy.load(own.save()), oo.LinUCB(dim=DIM, sharing="disjoint"), own):
        same.update(decided, 1.0)
        assert same.lessons == 1
    other = oo.LinUCB(dim=DIM, alpha=0.5)
    refused(lambda: oo.Policy.merge(policy, other), None, oo.IncompatibleError)


def test_an_arm_out_of_range_is_refused():
    policy = oo.LinUCB(dim=DIM, sharing="disjoint")
    for index in (4, -1, 10**12):
        refused(lambda index=index: policy.explain(X, index), "index")
    refused(lambda: policy.decide(X, arms=["a", "b"], seed=1), "arms")
    refused(lambda: policy.learn(X, Y), "arms")
    refused(lambda: policy.learn(X, Y, arms=["a"] * 5), "arms")
    for arms in ([1.5] * 4, [None] * 4, [b"a"] * 4, ["\ud800"] * 4, 4, 1.5, "abcd", b"abcd", bytearray(4), memoryview(b"abcd")):
        refused(lambda arms=arms: policy.decide(X, arms=arms, seed=1), "arms")
        refused(lambda arms=arms: policy.decide(X[0], arms=arms, seed=1), "arms")
        refused(lambda arms=arms: policy.learn(X, Y, arms=arms), "arms")
        refused(lambda arms=arms: policy.decide_batch(X[None], arms=arms, seed=1), "arms")
        refused(lambda arms=arms: policy.decide_batch([X], arms=arms, seed=1), "arms")
        refused(lambda arms=arms: oo.Arms(arms), "arms")

    def broken():
        yield "a"
        raise TypeError("the caller's own")

    with pytest.raises(TypeError, match="the caller's own"):
        policy.decide(X, arms=broken(), seed=1)


def test_a_batch_names_the_decision_that_is_wrong():
    policy, names = oo.LinUCB(dim=DIM, sharing="disjoint"), list("abcd")
    for wrong in (None, 3, "abcd", b"abcd", [None] * 4):
        assert "decision 1" in refused(lambda wrong=wrong: policy.decide_batch([X, X], arms=[names, wrong], seed=1), "arms")
    for wrong in (None, "abc", X[0], np.ma.masked_greater(X, 0)):
        assert "decision 1" in refused(lambda wrong=wrong: policy.decide_batch([X, wrong], arms=names, seed=1), "x")
    for value in (math.nan, math.inf, 16.5):
        for given in ([X, with_value(value)], np.stack([X, with_value(value)])):
            message = refused(lambda given=given: policy.decide_batch(given, arms=names, seed=1), "x1")
            assert message == "decision 1: " + refused(lambda value=value: policy.decide(with_value(value), arms=names), "x1")
        assert "decision 2: " in refused(lambda value=value: policy.decide_batch(with_value(value), arms=names, seed=1), "x1")
    twice = refused(lambda: policy.decide_batch(X, arms=["a", "b", "a"], seed=1), "arms")
    assert twice.startswith("decision 0: ") and "twice" in twice
    assert "decision 1: " in refused(lambda: policy.decide_batch([X, X[:0]], seed=1), "candidates")
    for lists in ([names], [names] * 3):
        refused(lambda lists=lists: policy.decide_batch([X, X], arms=lists, seed=1), "arms")
    assert len(policy.decide_batch([X, X], arms=[names, oo.Arms(names)], seed=1)) == 2


def test_zero_candidates_are_refused():
    policy = oo.LinUCB(dim=DIM)
    refused(lambda: policy.decide(np.zeros((0, DIM)), seed=1), "candidates")
    refused(lambda: policy.decide(np.zeros(DIM), arms=[], seed=1), "candidates")
    refused(lambda: policy.decide_batch(np.zeros((2, 0, DIM)), seed=1), "candidates")


def test_an_arm_named_twice():
    """One context for the same arm twice is one candidate twice; two rows may be two candidates of one arm."""
    policy = oo.LinUCB(dim=DIM, sharing="disjoint")
    assert "twice" in refused(lambda: policy.decide(X[0], arms=["a", "b", "a"], seed=1), "arms")
    refused(lambda: policy.decide_batch(X, arms=["a", "b", "a"], seed=1), "arms")
    assert policy.decide(X[:3], arms=["a", "b", "a"], seed=1).pmf.shape == (3,)


@pytest.mark.parametrize("lam", [0.0, -1.0, math.nan, math.inf])
def test_no_ridge_is_refused(lam):
    for cls in (oo.LinUCB, oo.Greedy, oo.EpsilonGreedy):
        with pytest.raises(oo.InvalidInputError):
            cls(dim=DIM, lam=lam)


@pytest.mark.parametrize(
    "shape", [(), (DIM,), (4, DIM + 1), (4, DIM - 1), (4, 0), (1, 4, DIM), (DIM, 4, 1, 1)], ids=str
)
def test_wrong_shapes_are_refused(shape):
    policy = oo.LinUCB(dim=DIM)
    refused(lambda: policy.decide(np.zeros(shape), seed=1), "x")
    refused(lambda: policy.learn(np.zeros(shape), Y), "x")
    if len(shape) != 3:
        refused(lambda: policy.decide_batch(np.zeros(shape), seed=1), "x")


def test_rewards_of_another_shape_are_refused():
    policy = oo.LinUCB(dim=DIM)
    refused(lambda: policy.learn(X, Y[:3]), "x")
    refused(lambda: policy.learn(X, Y[None]), "rewards")
    refused(lambda: policy.update_batch(policy.decide_batch(X[None], seed=1), [1.0, 1.0]), "rewards")
    assert policy.lessons == 0


CONVERTED = {
    "float64": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "float16": lambda X: X.astype(np.float16),
    "longdouble": lambda X: X.astype(np.longdouble),
    "integers": lambda X: (X * 0 + 1).astype(np.int32),
    "unsigned": lambda X: (X * 0 + 1).astype(np.uint8),
    "booleans": lambda X: X > 0,
    "big-endian": lambda X: X.astype(">f8"),
    "Fortran order": np.asfortranarray,
    "every second row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "backwards": lambda X: X[::-1][::-1],
    "transposed": lambda X: np.ascontiguousarray(X.T).T,
    "unaligned": lambda X: np.frombuffer(b"x" + X.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(X.shape),
    "read-only": lambda X: np.frombuffer(X.tobytes(), dtype=np.float64).reshape(X.shape),
    "lists": lambda X: X.tolist(),
    "subclass": lambda X: X.view(np.matrix),
}


@pytest.mark.parametrize("form", CONVERTED)
def test_odd_arrays_are_converted(form):
    given = CONVERTED[form](X)
    plain = np.ascontiguousarray(np.asarray(given), dtype=np.float64)
    one, two = oo.LinUCB(dim=DIM), oo.LinUCB(dim=DIM)
    one.learn(given, Y)
    two.learn(plain, Y)
    assert one.save() == two.save()
    assert one.decide(given, seed=1).scores.tobytes() == two.decide(plain, seed=1).scores.tobytes()
    if not isinstance(given, np.matrix):
        batch = np.asarray(given)[None] if form == "lists" else given[None]
        assert one.decide_batch(batch, seed=1).scores.tobytes() == two.decide_batch(plain[None], seed=1).scores.tobytes()


@pytest.mark.parametrize(
    "given",
    [X.astype(complex), X.astype(object), X.astype(str), X.astype("datetime64[s]"), [[1.0], [1.0, 2.0]], None, "abc", {}],
    ids=["complex", "object", "text", "datetime", "ragged", "None", "a text", "a dict"],
)
def test_arrays_that_are_no_numbers_are_refused(given):
    policy = oo.LinUCB(dim=DIM)
    refused(lambda: policy.decide(given, seed=1), "x")
    refused(lambda: policy.learn(given, Y), "x")


def holds_itself(around):
    one = []
    one += [one] * around
    return one


CYCLES = {
    "once": holds_itself(1),
    "often": holds_itself(3),  # at which numpy looks 3 ** 64 times
    "a row of it": [holds_itself(2), [1.0, 2.0, 3.0]],
    "a later row": [[1.0, 2.0, 3.0], holds_itself(2)],
    "a tuple": (holds_itself(2),) * 4,
    "four levels": [[[[1.0]]]],
}


@pytest.mark.parametrize("form", CYCLES)
def test_lists_that_hold_themselves_are_refused(engine, form):
    policy, given = oo.LinUCB(dim=DIM), CYCLES[form]
    for call in (
        lambda: policy.decide(given, seed=1),
        lambda: policy.decide(given, arms=list("abcd"), seed=1),
        lambda: policy.decide_batch(given, seed=1),
        lambda: policy.decide_batch(given, arms=list("abcd"), seed=1),
        lambda: policy.decide_batch([X, given], seed=1),
        lambda: policy.learn(given, Y),
        lambda: policy.explain(given, 0),
        lambda: engine.decide(given),
    ):
        assert "nested too deeply" in refused(call, "x")
    refused(lambda: engine.decide_all([X, given]), "decisions[1].x")
    refused(lambda: policy.learn(X, given), "rewards")
    refused(lambda: policy.learn(X, Y, propensities=given), "propensities")
    refused(lambda: policy.learn(X, Y, days=given), "days")
    refused(lambda: policy.decide(X, arms=given, seed=1), "arms")
    assert policy.lessons == 0


MASKED = {
    "some": np.ma.masked_greater(X, 0),
    "none": np.ma.array(X),
    "integers": np.ma.masked_equal((X * 64).astype(int), 3),
    "a list of rows": list(np.ma.masked_greater(X, 0)),
    "a list of lists": [[1.0, 2.0, np.ma.masked]] * 4,
}


@pytest.mark.parametrize("form", MASKED)
def test_masked_arrays_are_refused(form):
    """What a mask hides would be used all the same: to be missing is a column of its own."""
    policy, given = oo.LinUCB(dim=DIM), MASKED[form]
    for call in (
        lambda: policy.decide(given, seed=1),
        lambda: policy.decide_batch([given], seed=1),
        lambda: policy.learn(given, Y),
        lambda: policy.explain(given, 0),
    ):
        assert ".filled(" in refused(call, "x")
    assert "decision 1: " in refused(lambda: policy.decide_batch([X.tolist(), given], seed=1), "x")
    assert policy.lessons == 0


def test_masked_rewards_days_and_probabilities_are_refused():
    policy, masked = oo.LinUCB(dim=DIM), np.ma.array(Y, mask=[True, False, False, False])
    refused(lambda: policy.learn(X, masked), "rewards")
    refused(lambda: policy.learn(X, Y, propensities=masked), "propensities")
    refused(lambda: policy.learn(X, Y, days=masked.astype(int)), "days")
    refused(lambda: policy.update_batch(policy.decide_batch([X] * 4, seed=1), masked), "rewards")
    policy.learn(np.ma.masked_greater(X, 0).filled(0.0), Y)


def test_outputs_are_numpy_arrays():
    decided = oo.LinUCB(dim=DIM).decide(X, seed=1)
    for array in (decided.pmf, decided.scores):
        assert type(array) is np.ndarray and array.dtype == np.float64 and array.flags.c_contiguous


@pytest.mark.parametrize("value", [16.5, -17.0, 1e30, 1e300, -sys.float_info.max])
def test_values_outside_the_declared_range_are_refused_with_a_range_that_fits(value):
    policy = oo.LinUCB(dim=DIM)
    message = refused(lambda: policy.decide(with_value(value), seed=1), "x1")
    assert "row 2, column 1" in message and "rescale it" in message
    assert refused(lambda: policy.learn(with_value(value), Y), "x1") == message
    reward = refused(lambda: policy.learn(X, [0, 0, 0, value]), "reward")
    ranges = [re.search(r"declare a (?:reward )?range of \((\S+), (\S+)\)", said) for said in (message, reward)]
    assert [bool(found) for found in ranges] == [abs(value) < 1.2e30] * 2
    if all(ranges):
        wide, rewards = [tuple(map(float, found.groups())) for found in ranges]
        oo.LinUCB(dim=DIM, range=wide, reward_range=rewards).learn(with_value(value), [0, 0, 0, value])


SETTINGS = [
    (oo.DLinUCB, {"half_life_days": 0.0}, "half_life_days"),
    (oo.DLinUCB, {"half_life_days": -30.0}, "half_life_days"),
    (oo.DLinUCB, {"half_life_days": math.nan}, "half_life_days"),
    (oo.DLinUCB, {"gamma": 0.0}, "gamma"),
    (oo.DLinUCB, {"gamma": 1.5}, "gamma"),
    (oo.DLinUCB, {"gamma": math.inf}, "gamma"),
    (oo.DLinUCB, {"gamma": 0.9, "sharing": "disjoint"}, "gamma"),
    (oo.DLinUCB, {"alpha": -1.0}, "alpha"),
    (oo.DLinUCB, {"alpha": math.nan}, "alpha"),
    (oo.DLinUCB, {"alpha": None, "delta": 0.0}, "delta"),
    (oo.DLinUCB, {"noise": -1.0}, "noise"),
    (oo.DLinUCB, {"sharing": "hybrid"}, "sharing"),
    (oo.SlidingWindowLinUCB, {"days": 0}, "days"),
    (oo.SlidingWindowLinUCB, {"days": -7}, "days"),
    (oo.SlidingWindowLinUCB, {"days": 2**32}, "days"),
    (oo.SlidingWindowLinUCB, {"steps": 0}, "steps"),
    (oo.SlidingWindowLinUCB, {"steps": -1}, "steps"),
    (oo.SlidingWindowLinUCB, {"alpha": -1.0}, "alpha"),
    *(
        (cls, {"lam": 0.0}, "lam")
        for cls in (
            oo.ActionCentredTS,
            oo.DLinUCB,
            oo.EpsilonGreedy,
            oo.Greedy,
            oo.Hierarchical,
            oo.LinTS,
            oo.LinUCB,
            oo.Logistic,
            oo.SlidingWindowLinUCB,
            oo.Softmax,
            oo.SquareCB,
        )
    ),
    (oo.BetaTS, {"prior": (0.0, 1.0)}, "prior"),
    (oo.BetaTS, {"prior": (1.0, math.nan)}, "prior"),
    (oo.BetaTS, {"epsilon": 1.5}, "epsilon"),
    (oo.BetaTS, {"rewards": (1.0, 0.0)}, "rewards"),
    (oo.BetaTS, {"reward_range": (1.0, 0.0)}, "reward_range"),
    (oo.UCB1, {"alpha": -1.0}, "alpha"),
    (oo.UCB1, {"tau": 0.0}, "tau"),
    (oo.UCB1, {"rewards": (0.0, math.inf)}, "rewards"),
    (oo.Logistic, {"alpha": -1.0}, "alpha"),
    (oo.Logistic, {"scale": -1.0}, "scale"),
    (oo.Logistic, {"scale": 1.0, "draws": 1}, "draws"),
    (oo.Logistic, {"scale": 1.0, "tau": 1.0}, "scale"),
    (oo.Logistic, {"gamma": -1.0}, "gamma"),
    (oo.Logistic, {"gamma": 1.0, "exponent": 3.0}, "exponent"),
    (oo.Logistic, {"gamma": 1.0, "tau": 1.0}, "gamma"),
    (oo.Logistic, {"gamma": 1.0, "scale": 1.0}, "gamma"),
    (oo.SquareCB, {"gamma": -1.0}, "gamma"),
    (oo.SquareCB, {"exponent": 3.0}, "exponent"),
    (oo.LinTS, {"scale": -1.0}, "scale"),
    (oo.Hierarchical, {"personal_ridge": 0.0}, "personal_ridge"),
    (oo.Hierarchical, {"rank": 0}, "rank"),
    (oo.ActionCentredTS, {"pi_min": 0.9, "pi_max": 0.1}, "pi_max"),
    (oo.ActionCentredTS, {"hold": ""}, "hold"),
    (oo.RecoveringSoftmax, {"half_life_days": 0.0}, "half_life_days"),
    (oo.RecoveringSoftmax, {"tau": 0.0}, "tau"),
    (oo.Logistic, {"horizon_days": -1}, "horizon_days"),
    (oo.Logistic, {"horizon_days": 40_000}, "horizon_days"),
    (oo.Logistic, {"open_lessons": 0}, "open_lessons"),
    (oo.Logistic, {"sharing": "hybrid"}, "sharing"),
    (oo.Logistic, {"dim": 2, "rewards": (0, 1), "reward_range": (0, 2)}, "reward_range"),
    (oo.Mixture, {"members": []}, "members"),
    (oo.Mixture, {"members": "auto"}, "members"),
    (oo.Mixture, {"members": oo.Uniform()}, "members"),
    (oo.Mixture, {"members": [oo.LinUCB(dim=2)]}, "members"),
    (oo.Mixture, {"members": [oo.Mixture()]}, "members"),
    (oo.Mixture, {"members": [oo.Uniform()] * 33}, "members"),
    (oo.Mixture, {"members": [oo.Uniform()] * 2, "weights": [0, 0]}, "weights"),
    (oo.Mixture, {"members": [oo.Uniform()] * 2, "weights": [1, -1]}, "weights"),
    (oo.Mixture, {"members": [oo.Uniform()] * 2, "weights": [1, math.nan]}, "weights"),
    (oo.Mixture, {"members": [oo.Uniform()] * 2, "weights": [1]}, "weights"),
    (oo.Mixture, {"members": [oo.Uniform()] * 2, "weights": 1}, "weights"),
    (oo.LinUCB, {"range": (-1, 1)}, "range"),
    (oo.LinUCB, {"reward_range": (-1, 1)}, "reward_range"),
]


@pytest.mark.parametrize(("cls", "arguments", "field"), SETTINGS, ids=lambda one: str(one)[:60])
def test_settings_out_of_bounds_name_their_parameter(cls, arguments, field):
    refused(lambda: cls(**arguments), field)


def test_rewards_that_a_kind_does_not_know_are_refused():
    for cls in (oo.BetaTS, oo.UCB1, oo.Logistic):
        policy = cls(dim=1)
        for value in (-0.5, 1.5, math.nan):
            refused(lambda policy=policy, value=value: policy.learn([[0.0]], [value], arms=["a"]), "reward")
        assert policy.lessons == 0


@pytest.fixture
def bandit(engine):
    """A named bandit that has decided, to compare with what comes after."""
    engine.decide(X, bandit="known", policy=oo.LinUCB(), reward_range=(0, 1))
    yield engine
    assert [(one.name, one.lessons) for one in engine.bandits()] == [("known", 0)]
    assert engine.replay().differences == ()


@pytest.mark.parametrize("name", ["known", "new"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 16.5, 1e300])
def test_a_named_bandit_refuses_numbers_that_do_not_fit(bandit, name, value):
    assert "row 2, column 1" in refused(lambda: bandit.decide(with_value(value), bandit=name), "x1")
    refused(lambda: bandit.decide_all([X, with_value(value)], bandit=name), "decisions[1].x1")


@pytest.mark.parametrize("name", ["known", "new"])
@pytest.mark.parametrize("shape", [(), (DIM,), (4, 0), (1, 4, DIM), (DIM, 4, 1, 1)], ids=str)
def test_a_named_bandit_refuses_wrong_shapes(bandit, name, shape):
    refused(lambda: bandit.decide(np.zeros(shape), bandit=name), "x")
    for width in (DIM - 1, DIM + 1):
        refused(lambda width=width: bandit.decide(np.zeros((4, width)), bandit="known"), "x")


@pytest.mark.parametrize(
    "given",
    [X.astype(complex), X.astype(object), X.astype(str), X.astype("datetime64[s]"), [[1.0], [1.0, 2.0]], None, "abc", {}, np.ma.array(X)],
    ids=["complex", "object", "text", "datetime", "ragged", "None", "a text", "a dict", "masked"],
)
def test_a_named_bandit_refuses_arrays_that_are_no_numbers(bandit, given):
    refused(lambda: bandit.decide(given, bandit="known"), "x")
    refused(lambda: bandit.decide_all([X, {"X": given}], bandit="known"), f"decisions[1].{'X' if given is None else 'x'}")


@pytest.mark.parametrize("form", CONVERTED)
def test_a_named_bandit_converts_odd_arrays(engine, form):
    given = CONVERTED[form](X)
    plain = np.ascontiguousarray(np.asarray(given), dtype=np.float64)
    one, two = engine.decide(given, bandit="odd"), engine.decide(plain, bandit="odd")
    assert one.scores.tobytes() == two.scores.tobytes() and one.pmf.tobytes() == two.pmf.tobytes()


def test_a_named_bandit_refuses_arms_ids_and_people_that_are_none(bandit):
    for arms in (["a"], ["a"] * 5, [1.5] * 4, [None] * 4, ["\ud800"] * 4, ["a" * 300] * 4, 4, "abcd", b"abcd"):
        refused(lambda arms=arms: bandit.decide(X, bandit="known", arms=arms), "arms")
    assert "twice" in refused(lambda: bandit.decide(X[0], bandit="known", arms=["a", "b", "a"]), "arms")
    for identity in ("x", 5, "00000000-0000-0000-0000", b"1" * 16):
        refused(lambda identity=identity: bandit.decide(X, bandit="known", id=identity), "id")
        refused(lambda identity=identity: bandit.reward(identity, 1.0), "decision")
        refused(lambda identity=identity: bandit.choice(identity), "decision")
    refused(lambda: bandit.reward(oo.LinUCB(dim=DIM).decide(X, seed=1), 1.0), "decision")
    for user in ("", "\ud800", "u" * 1000):
        refused(lambda user=user: bandit.decide(X, bandit="known", user=user), "user")
    refused(lambda: bandit.decide(X, bandit="n" * 1000), "bandit")


def test_a_named_bandit_refuses_policies_and_ranges_that_are_none(bandit):
    class Own:
        name = "own"

        def distribution(self, actions):
            return np.zeros(len(actions.arms)), np.full(len(actions.arms), 0.5)

        def learned(self, lessons):
            return self

    for policy in (oo.LinUCB(dim=DIM), Own(), {"type": "magic"}, "{", {"type": "linucb", "alfa": 1}, 3):
        refused(lambda policy=policy: bandit.decide(X, bandit="new", policy=policy), "policy")
    refused(lambda: bandit.decide(X, bandit="new", policy={"type": "linucb", "lambda": 0}), "lambda")
    for given in ((1, -1), (0, math.nan), "all", (1,), 3):
        refused(lambda given=given: bandit.decide(X, bandit="new", range=given), "range")
        refused(lambda given=given: bandit.decide(X, bandit="new", reward_range=given), "reward_range")
    refused(lambda: bandit.decide(X, bandit="new", reward_range="auto"), "reward_range")
    refused(lambda: bandit.decide(X, bandit="new", policy={"type": "logistic"}), "reward_range")


def test_a_named_bandit_refuses_batches_that_are_none(bandit):
    for given in (None, 3, {"X": X}):
        refused(lambda given=given: bandit.decide_all(given), "decisions")
    refused(lambda: bandit.decide_all([{"X": X, "arm": "a"}], bandit="known"), "arm")
    refused(lambda: bandit.decide_all([{"arms": ["a"]}, X], bandit="known"), "decisions[0].X")
    refused(lambda: bandit.decide_all([X] * 1001, bandit="known"), "decisions")
