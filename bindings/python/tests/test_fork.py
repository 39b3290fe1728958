"""Forks: an inherited engine leaks its handles and opens anew."""

import ctypes
import multiprocessing
import os
import signal
import threading
import time
import traceback

import pytest

import oo

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork"),
    # Python warns of forks in a process with threads; that they work is what is tested.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


PATIENCE = 60


def wait(child):
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def run(work):
    """The child's part: runs `work`, and ends; a child that hangs is ended by its alarm."""
    code = 1
    signal.alarm(PATIENCE)
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def in_child(work):
    """Runs `work` in a forked child, and fails when it fails or hangs."""
    child = os.fork()
    if child == 0:
        run(work)
    wait(child)


def test_a_child_uses_an_inherited_engine(path):
    with oo.Engine(path) as engine:
        tip = engine.recommend("u")

        def work():
            assert engine.recommend("u").id == tip.id
            assert engine.react(tip, "done").status == "applied"
            engine.close()

        in_child(work)
        assert engine.health().lessons == 1
        assert engine.react(tip, "done").status == "duplicate"


def test_children_and_parent_end_with_the_same_state(path):
    with oo.Engine(path) as engine:
        for round in range(3):

            def work(round=round):
                for n in range(5):
                    engine.react(engine.recommend(f"child-{round}-{n}"), "done")

            in_child(work)
            engine.react(engine.recommend(f"parent-{round}"), "dismiss")
        assert engine.health().lessons == 18
        assert engine.replay().differences == ()


def test_fork_under_load(path):
    with oo.Engine(path) as engine:
        stop, counts, failures = threading.Event(), [0] * 4, []

        def load(thread):
            while not stop.is_set():
                try:
                    engine.react(engine.recommend(f"{thread}-{counts[thread]}"), "done")
                    counts[thread] += 1
                except BaseException as error:
                    failures.append(error)
                    return

        threads = [threading.Thread(target=load, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        try:
            for round in range(6):
                time.sleep(0.1)

                def work(round=round):
                    for n in range(3):
                        tip = engine.recommend(f"child-{round}-{n}")
                        assert engine.react(tip, "dismiss").status == "applied"

                in_child(work)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert not failures and min(counts) > 0
        assert engine.health().lessons == sum(counts) + 18
        assert engine.replay().differences == ()


def test_a_child_that_never_uses_it_ends(path):
    engines = [oo.Engine(path)]
    engines[0].recommend("u")
    in_child(lambda: None)
    # Its destructor runs, too.
    in_child(engines.clear)
    assert engines[0].recommend("u")
    engines[0].close()


def test_a_child_of_a_child(path):
    with oo.Engine(path) as engine:
        tip = engine.recommend("u")

        def child():
            engine.recommend("child")
            in_child(lambda: engine.react(tip, "done"))
            assert engine.health().lessons == 1

        in_child(child)
        assert engine.health().lessons == 1


def test_an_engine_inherited_without_our_hooks_is_leaked(path):
    with oo.Engine(path) as engine:
        tip = engine.recommend("u")

        def work():
            # As a C library would fork: Python's hooks do not run.
            child = ctypes.PyDLL(None).fork()
            if child == 0:
                run(lambda: (engine.recommend("u").id == tip.id or 1 / 0, engine.close()))
            wait(child)

        in_child(lambda: (engine.health(), work()))
        assert engine.recommend("u").id == tip.id


def _serve(path, person):
    with oo.Engine(path) as engine:
        return engine.recommend(person).id


def test_multiprocessing(path):
    with oo.Engine(path) as engine:
        engine.recommend("u")
        with multiprocessing.get_context("fork").Pool(3) as pool:
            ids = pool.starmap(_serve, [(path, f"u-{n}") for n in range(9)])
        assert len(set(ids)) == 9
        assert len(engine.decisions()) == 10


def test_policies_cross_a_fork():
    policy = oo.LinUCB(dim=2)
    decided = policy.decide([[1.0, 2.0]], seed=1)

    def work():
        policy.update(decided, 1.0)
        assert policy.lessons == 1

    in_child(work)
    assert policy.lessons == 0
