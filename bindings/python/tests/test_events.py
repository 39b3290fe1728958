"""`events`: committed events in log order, for whoever reads slowly, late, again or never."""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import islice

import pytest
from test_fork import in_child

import oo
import oo.aio

USERS = ("ada", "bea")


def moods(count):
    return [oo.mood(1 + n % 5) for n in range(count)]


def rising(events):
    positions = [event["position"] for event in events]
    return positions == sorted(set(positions))


def test_a_list_holds_what_is_committed_in_the_order_of_the_log(engine):
    for user in USERS:
        engine.react(engine.recommend(user), "done")
        engine.ingest(user, moods(300))
    everything = list(engine.events())
    assert rising(everything) and len(everything) >= 604
    assert everything[-1]["position"] == engine.health().position
    draws = list(engine.events(types=["decision", "reaction"]))
    assert [event["type"] for event in draws] == ["decision", "reaction"] * 2
    ada = list(engine.events(user="ada"))
    assert len(ada) == 302 and len({event["pseudonym"] for event in ada}) == 1
    assert list(engine.events(user="bea", types=("decision", "reaction"))) == draws[2:]
    assert list(engine.events(user="nobody")) == list(engine.events("now")) == []
    stream = engine.events(everything[-10]["position"])
    assert list(stream) == everything[-9:]
    assert stream.position == everything[-1]["position"]


def test_order_under_64_concurrent_writers(engine):
    stream = engine.events("now", types=["signal"], follow=True)
    threads = [
        threading.Thread(target=lambda n=n: [engine.ingest(f"u-{n}", oo.mood(3)) for _ in range(10)]) for n in range(64)
    ]
    for thread in threads:
        thread.start()
    seen = list(islice(stream, 640))
    for thread in threads:
        thread.join()
    assert seen == list(engine.events(types=["signal"]))
    assert rising(seen)


def test_a_stream_resumes_without_loss_or_duplication(path):
    seen = []
    for round in range(6):
        with oo.Engine(path) as engine:
            engine.ingest("ada", moods(50))
            after = seen[-1]["position"] if seen else None
            seen += islice(engine.events(after, types=["signal"], follow=True), 30)
    with oo.Engine(path) as engine:
        seen += engine.events(seen[-1]["position"], types=["signal"])
        assert seen == list(engine.events(types=["signal"])) and len(seen) == 300


OTHER = """
import sys, oo
with oo.Engine(sys.argv[1]) as engine:
    for n in range(20):
        engine.ingest("bea", oo.mood(1 + n % 5))
"""


def test_events_of_another_process_arrive_while_this_one_is_idle(path):
    with oo.Engine(path) as engine:
        stream = engine.events("now", types=["signal"], follow=True)
        subprocess.run([sys.executable, "-c", OTHER, path], check=True)
        seen = list(islice(stream, 20))
        assert seen == list(engine.events(types=["signal"]))


def test_who_never_reads_costs_nothing_and_misses_nothing(engine):
    idle = engine.events("now", types=["signal"], follow=True)
    for _ in range(12):
        engine.ingest("ada", moods(500))
    seen = list(islice(idle, 6_000))
    assert rising(seen) and seen == list(engine.events(types=["signal"]))


def test_a_forgotten_person_leaves_a_gap(engine):
    engine.ingest("ada", moods(50))
    engine.ingest("bea", moods(3))
    hers, everything = engine.events(user="ada", follow=True), engine.events(follow=True)
    ada = next(hers)["pseudonym"]
    assert next(everything)["type"] == "policy_role"
    engine.forget("ada")
    engine.ingest("ada", oo.mood(2))
    forgotten, again = islice(hers, 2)
    assert forgotten["type"] == "forgotten" and again["type"] == "signal" and again["pseudonym"] != ada
    rest = list(islice(everything, 5))
    assert ada not in {event["pseudonym"] for event in rest} and rest[-1] == again
    assert ada not in json.dumps(list(engine.events()))


def test_closing_the_engine_ends_its_streams(engine):
    ended = []
    stream = engine.events("now", follow=True)
    other = engine.events("now", follow=True)
    threads = [threading.Thread(target=lambda one=one: ended.append((one, list(one)))) for one in (stream, other)]
    for thread in threads:
        thread.start()
    listing = engine.events()
    next(listing)
    other.close()
    threads[1].join(20)
    assert ended == [(other, [])]
    engine.close()
    threads[0].join(20)
    assert ended == [(other, []), (stream, [])]
    with pytest.raises(oo.InvalidInputError, match="closed"):
        list(listing)
    with pytest.raises(oo.InvalidInputError, match="closed"):
        engine.events()


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("after", {"after": 999_999}),
        ("after", {"after": -1}),
        ("after", {"after": "later"}),
        ("after", {"after": 1.5}),
        ("types", {"types": ["decision", "descision"]}),
        ("types", {"types": "decision"}),
        ("types", {"types": [1]}),
        ("types", {"types": 3}),
        ("user", {"user": ""}),
    ],
)
def test_a_bad_place_type_or_person_is_refused(engine, field, arguments):
    with pytest.raises(oo.InvalidInputError) as caught:
        engine.events(**arguments)
    assert caught.value.field == field


@pytest.mark.usefixtures("listens_to_ctrl_c")
def test_an_interrupt_ends_the_waiting(engine):
    stream = engine.events("now", follow=True)
    main = threading.main_thread().ident
    timer = threading.Timer(0.2, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    assert time.monotonic() - started < 10
    engine.ingest("ada", oo.mood(3))
    assert next(stream)["level"] == 3


def test_other_threads_run_while_it_waits(engine):
    stream, seen = engine.events("now", follow=True), []
    reader = threading.Thread(target=lambda: seen.extend(stream))
    reader.start()
    for _ in range(20):
        engine.ingest("ada", oo.mood(3))
    while len(seen) < 20:
        time.sleep(0.01)
    stream.close()
    reader.join(20)
    assert not reader.is_alive()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_stream_crosses_a_fork(path):
    with oo.Engine(path) as engine:
        stream = engine.events(types=["signal"], follow=True)
        engine.ingest("ada", moods(10))
        assert len(list(islice(stream, 4))) == 4

        def work():
            engine.ingest("bea", oo.mood(5))
            assert [event["level"] for event in islice(stream, 7)][-1] == 5

        in_child(work)
        assert [event["level"] for event in islice(stream, 7)][-1] == 5
        # One that waits does not hold a fork up.
        reader = threading.Thread(target=lambda: list(stream))
        reader.start()
        in_child(lambda: engine.health())
        stream.close()
        reader.join(20)
        assert not reader.is_alive()


def test_async_streams(path):
    async def main():
        async with oo.aio.Engine(path) as engine:
            await engine.ingest("ada", moods(20))
            listed = [event async for event in engine.events(types=["signal"])]
            assert len(listed) == 20
            stream = engine.events("now", user="ada", follow=True)
            # A wait that is given up loses nothing.
            for _ in range(3):
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(anext(stream), 0.05)
            waiting = asyncio.create_task(anext(stream))
            for n in range(1, 6):
                await engine.ingest("ada", oo.mood(n))
            assert (await waiting)["level"] == 1
            assert [(await anext(stream))["level"] for _ in range(4)] == [2, 3, 4, 5]
            # More streams than there are threads for verbs hold up no verb.
            many = [engine.events("now", follow=True) for _ in range(oo.aio.THREADS + 4)]
            waits = [asyncio.create_task(anext(one)) for one in many]
            await asyncio.sleep(0.1)
            assert await engine.recommend("bea")
            assert {(await wait)["type"] for wait in waits} == {"decision"}
            last = asyncio.create_task(anext(many[0]))
            await asyncio.sleep(0.05)
            await many[0].aclose()
            with pytest.raises(StopAsyncIteration):
                await last
            ended = asyncio.create_task(anext(many[1]))
            await asyncio.sleep(0.05)
        with pytest.raises(StopAsyncIteration):
            await ended
        with pytest.raises(oo.InvalidInputError, match="closed"):
            await anext(engine.events())

    asyncio.run(main())
    deadline = time.monotonic() + 20
    # A thread that is ending may hold what refers to a stream: what is left of it then is collected later.
    while gc.collect() or any(thread.name == "oo-events" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "a stream's thread is left"
        time.sleep(0.02)


def test_a_program_ends_with_a_stream_open(path):
    script = "import sys, oo\nstream = oo.Engine(sys.argv[1]).events(follow=True)\nprint(next(stream)['type'])"
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "policy_role\n"), done.stderr
    assert os.path.exists(path)
