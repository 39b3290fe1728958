"""Sources, policies and featurisers that are Python objects."""

import asyncio
import datetime as dt
import pickle
import time

import numpy as np
import pytest

import oo
import oo.aio

PATIENT = {"source_deadline_ms": 10_000, "holdout": 0.0}


def one(name, **more):
    return [{"id": name, "content": f"Do {name}", "category": "focus", **more}]


def named(name, answer):
    def candidates(context):
        return answer(context) if callable(answer) else answer

    candidates.__name__ = name
    return candidates


def opened(path, world=None, **options):
    options.setdefault("settings", PATIENT)
    options.setdefault("built_in_sources", False)
    return oo.Engine(path, **({"test_world": world.path} if world else {}), **options)


def test_a_source_is_asked_with_its_context(path, world):
    asked = []

    class Own:
        name = "own"

        def candidates(self, context):
            asked.append(context)
            return one("a")

    async def later(context):
        await asyncio.sleep(0.005)
        return one("b", times=["evening", "night"], due=dt.date(2026, 3, 4), features={})

    with opened(path, world, sources=[Own(), later]) as engine:
        engine.set_preferences("u", zone="Europe/Berlin", language="de")
        tip = engine.recommend("u")
        assert tip.candidates == 2 and tip.source in ("own", "later")
        assert asked == [
            oo.components.Context("u", dt.datetime(2026, 3, 2, 8, tzinfo=dt.timezone.utc), "Europe/Berlin", "de", tip.id, 16)
        ]
        assert engine.metrics()["source_failures"] == 0


def test_beside_the_built_in_ones_unless_they_are_left_out(path):
    with opened(path, sources=[named("own", one("a"))], built_in_sources=True) as engine:
        assert engine.recommend("u").candidates == 17


def test_one_that_fails_is_left_out_and_counted(path, caplog):
    def out_of_ideas(context):
        raise RuntimeError("out of ideas")

    sources = [
        named("good", one("a")),
        out_of_ideas,
        named("none", None),
        named("text", "text"),
        named("nan", one("x", features={"x": float("nan")})),
        named("misspelt", one("y", contents="y")),
        named("exit", lambda context: exec("raise SystemExit")),
        named("late", lambda context: time.sleep(2) or one("z")),
    ]
    with opened(path, sources=sources, settings={"source_deadline_ms": 1_000}) as engine:
        tip = engine.recommend("u")
        assert (tip.source, tip.candidates) == ("good", 1)
        assert engine.metrics()["source_failures"] == 7
    assert "out of ideas" in caplog.text


def test_what_comes_late_is_there_the_next_time(path):
    slow = named("slow", lambda context: time.sleep(0.2) or one("s"))
    with opened(path, sources=[slow], settings={"source_deadline_ms": 20}) as engine:
        assert engine.recommend("u") is None
        time.sleep(0.5)
        assert engine.recommend("u").source == "slow"


def test_what_is_no_source_is_refused(path):
    for source in (3, object(), "text"):
        with pytest.raises(oo.InvalidInputError) as caught:
            opened(path, sources=[source])
        assert caught.value.field == "sources"


def test_an_async_source_runs_on_the_loop_of_the_verbs(path):
    async def main():
        loops = []

        async def own(context):
            loops.append(asyncio.get_running_loop())
            return one("a")

        async with oo.aio.Engine(path, sources=[own], built_in_sources=False, settings=PATIENT) as engine:
            assert (await engine.recommend("u")).source == "own"
        assert loops == [asyncio.get_running_loop()]

    asyncio.run(main())


class Counting:
    """Prefers the arm that got the most reward. Pure: `learned` returns another."""

    name = "counting"
    replays = True
    settings = {"temperature": 1.0}

    def __init__(self, totals=()):
        self.totals = dict(totals)
        self.lessons = 0

    def distribution(self, actions):
        assert actions.X.shape[0] == len(actions.arms) and isinstance(actions.day, int)
        scores = np.array([self.totals.get(arm, 0.0) for arm in actions.arms])
        weights = np.exp(scores)
        return scores, weights / weights.sum()

    def learned(self, lessons):
        after = Counting(self.totals)
        for lesson in lessons:
            assert lesson.x.dtype == np.float64 and 0 < lesson.propensity <= 1
            after.totals[lesson.arm] = after.totals.get(lesson.arm, 0.0) + lesson.reward - (lesson.replaces or 0.0)
        return after

    def unlearned(self, lessons):
        return self.learned([_negative(lesson) for lesson in lessons])

    def save(self):
        return pickle.dumps(sorted((arm, total) for arm, total in self.totals.items() if total))

    @classmethod
    def load(cls, data):
        return cls(pickle.loads(data))

    def explain(self, actions, index):
        return np.zeros(actions.X.shape[1])


def _negative(lesson):
    import dataclasses

    return dataclasses.replace(lesson, reward=-lesson.reward, replaces=None)


class InPlace:
    """Learns in place, on the copy that the engine makes; cannot unlearn."""

    replays = False

    def __init__(self):
        self.seen = 0

    def distribution(self, actions):
        n = len(actions.arms)
        return [0.0] * n, [1.0 / n] * n

    def learn(self, lessons):
        self.seen += len(lessons)

    def save(self):
        return str(self.seen).encode()

    @classmethod
    def load(cls, data):
        made = cls()
        made.seen = int(data)
        return made


@pytest.mark.parametrize("saved", [7, True, None, "text", [1, 2]])
def test_what_a_policy_saves_is_bytes(saved):
    class Saving:
        name = "saving"

        def save(self):
            return saved

    with pytest.raises(TypeError, match="has to return bytes"):
        oo.components._save(Saving())
    for given in (b"ab", bytearray(b"ab"), memoryview(b"ab"), np.frombuffer(b"ab", np.uint8)):
        saved = given
        assert oo.components._save(Saving()) == b"ab"


def test_a_policy_of_your_own_serves_learns_and_is_saved(path, world):
    with oo.Engine(path, policy=Counting(), shadows=[oo.LinUCB()], settings=PATIENT, test_world=world.path) as engine:
        for day in range(3, 9):
            tip = engine.recommend("u")
            engine.react(tip, "done")
            world.move(f"2026-03-{day:02}T08:00:00Z")
        health = engine.health()
        assert health.lessons == 6 and engine.metrics()["policy_failures"] == 0
        assert engine.replay().differences == () and engine.replay().pmfs >= 6
        assert engine.explain(tip.id).pmf is not None
    with oo.Engine(path, policy=Counting(), settings=PATIENT, test_world=world.path) as engine:
        assert engine.health().state_hash == health.state_hash
        assert engine.forget("u").lessons == 6
        assert engine.health().lessons == 0
    with pytest.raises(oo.IncompatibleError, match="counting"):
        oo.Engine(path, test_world=world.path)


def test_other_settings_are_taught_from_the_log_and_take_over(path):
    with oo.Engine(path, policy=Counting(), settings=PATIENT) as engine:
        engine.react(engine.recommend("u"), "done")
        before = engine.health()
    other = Counting()
    other.settings = {"temperature": 2.0}
    with oo.Engine(path, policy=other, settings=PATIENT) as engine:
        after = engine.health()
        assert after.policy != before.policy and after.lessons == 1


def test_a_policy_of_your_own_as_a_shadow(path, world):
    shadows = {"mine": InPlace(), "counted": Counting()}
    with oo.Engine(path, shadows=shadows, settings=PATIENT, test_world=world.path) as engine:
        engine.react(engine.recommend("u"), "done")
        engine.health()
        assert engine.metrics()["shadow_failures"] == 0
        assert engine.replay().differences == ()
        # What cannot unlearn is rebuilt from the log; the others go on.
        engine.forget("u")
        assert engine.health().lessons == 0


WRONG = {
    "raises": lambda actions: 1 / 0,
    "too few": lambda actions: ([0.0], [1.0]),
    "negative": lambda actions: ([0.0] * len(actions.arms), [-1.0, 2.0] + [0.0] * (len(actions.arms) - 2)),
    "not 1": lambda actions: ([0.0] * len(actions.arms), [0.5] * len(actions.arms)),
    "nan": lambda actions: ([0.0] * len(actions.arms), [float("nan")] * len(actions.arms)),
    "score": lambda actions: ([float("nan")] * len(actions.arms), [1 / len(actions.arms)] * len(actions.arms)),
    "one answer": lambda actions: [1.0],
    "text": lambda actions: ("a", "b"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_distribution_serves_uniformly_and_is_counted(path, wrong):
    policy = InPlace()
    policy.distribution = WRONG[wrong]
    with oo.Engine(path, policy=policy, settings=PATIENT) as engine:
        tip = engine.recommend("u")
        assert tip.propensity == pytest.approx(1 / tip.candidates)
        assert engine.explain(tip).fallback
        assert engine.metrics()["policy_failures"] == 1


def test_lessons_that_a_policy_cannot_learn_are_counted(path):
    class Broken(InPlace):
        def learn(self, lessons):
            raise KeyError("no")

    with oo.Engine(path, policy=Broken(), settings=PATIENT) as engine:
        assert engine.react(engine.recommend("u"), "done").reward == 1.0
        assert engine.health().lessons == 0
        assert engine.metrics()["policy_failures"] >= 1
        engine.recommend("u")


def test_what_a_policy_has_to_declare(path):
    class NoReplays(InPlace):
        replays = None

    class NoSave(InPlace):
        save = None

    class NoLearn(InPlace):
        learn = None

    for policy in (NoReplays(), NoSave(), NoLearn()):
        with pytest.raises(oo.InvalidInputError) as caught:
            oo.Engine(path, policy=policy)
        assert caught.value.field == "policy"
    taken = InPlace()
    taken.name = "linucb"
    with pytest.raises(oo.InvalidInputError, match="taken"):
        oo.Engine(path, policy=taken)


# Without a bound on the norm, which would shorten all values alike.
BOUNDLESS = [{"name": "hour_sin", "range": [-1.0, 1.0]}]


class Length:
    """How long a candidate's words are."""

    name = "length"

    def __init__(self, values=None):
        self.asked = []
        if values:
            self.values = values

    def features(self):
        return [("own_length", 0.0, 1.0), {"name": "own_vowels", "range": [0.0, 1.0], "prior": 0.5}]

    def values(self, context, candidates):
        self.asked.append(context)
        return [[len(one["content"]) / 100, 7.0] for one in candidates]


def test_a_featuriser_appends_features_that_are_logged(path, world):
    length = Length()
    with opened(path, world, sources=[named("own", one("a"))], featurisers=[length], schema=BOUNDLESS) as engine:
        tip = engine.recommend("u")
        said = engine.explain(tip.id).features
        assert said["own_length"] == pytest.approx(len("Do a") / 100, abs=1e-3)
        # Outside its range: held to it and counted.
        assert said["own_vowels"] == 1.0 and engine.metrics()["clamped"] >= 1
        assert said.get("length_missing", 0.0) == 0.0
        assert length.asked[0].user == "u" and length.asked[0].limit is None
        engine.react(tip, "done")
        asked = len(length.asked)
        assert engine.replay().differences == () and len(length.asked) == asked
    with pytest.raises(oo.IncompatibleError):
        opened(path, world, schema=BOUNDLESS)


@pytest.mark.parametrize(
    "values",
    [
        lambda context, candidates: 1 / 0,
        lambda context, candidates: [[0.5]],
        lambda context, candidates: [[0.5, 0.5]] * 9,
        lambda context, candidates: "text",
        lambda context, candidates: time.sleep(3),
    ],
    ids=["raises", "too narrow", "too long", "text", "late"],
)
def test_a_featuriser_that_fails_is_missing_and_counted(path, values):
    settings = {"source_deadline_ms": 1_000, "holdout": 0.0}
    options = {"sources": [named("own", one("a"))], "schema": BOUNDLESS, "settings": settings}
    with opened(path, featurisers=[Length(values)], **options) as engine:
        tip = engine.recommend("u")
        said = engine.explain(tip.id).features
        assert said["length_missing"] == 1.0 and said.get("own_length", 0.0) == 0.0
        assert engine.metrics()["featuriser_failures"] == 1


def test_features_that_are_there_already_are_refused(path):
    twice = Length()
    twice.features = lambda: [("hour_sin", 0.0, 1.0)]
    with pytest.raises(oo.InvalidInputError, match="twice"):
        oo.Engine(path, featurisers=[twice])
