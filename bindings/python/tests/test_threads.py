"""Threads: the GIL is released, an engine is shared, Ctrl-C interrupts the waiting."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from conftest import locked

import oo


def progress_during(call):
    """How often another thread got to run Python code while `call` ran."""
    ticks, stop = 0, threading.Event()

    def tick():
        nonlocal ticks
        while not stop.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        start = time.monotonic()
        call()
        return ticks, time.monotonic() - start
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("on_main", [True, False])
def test_a_waiting_verb_lets_other_threads_run(engine, path, on_main):
    engine.recommend("u")

    def wait():
        if on_main:
            return engine.ingest("u", oo.mood(3))
        thread = threading.Thread(target=engine.ingest, args=("u", oo.mood(3)))
        thread.start()
        thread.join()

    with locked(path) as release:
        timer = threading.Timer(0.5, release)
        timer.start()
        ticks, seconds = progress_during(wait)
        timer.join()
    assert seconds > 0.3 and ticks > 50


def test_learning_lets_other_threads_run():
    policy = oo.LinUCB(dim=64)
    X = np.random.default_rng(0).uniform(-1, 1, (60_000, 64))
    ticks, seconds = progress_during(lambda: policy.learn(X, X[:, 0]))
    assert policy.lessons == 60_000
    assert ticks > 20 * seconds


def test_many_threads_share_an_engine(path):
    with oo.Engine(path) as engine:
        failures = []

        def work(n):
            try:
                for round in range(10):
                    engine.react(engine.recommend(f"u-{n}-{round}"), "done")
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert engine.health().lessons == 80
        assert engine.replay().differences == ()


def test_many_threads_teach_a_policy():
    policy = oo.LinUCB(dim=4)
    X = np.random.default_rng(0).uniform(-1, 1, (9_000, 4))

    def work(n):
        policy.learn(X, X[:, n])
        for row in X[:50]:
            policy.update(policy.decide(row[None], seed=n), 0.5)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert policy.lessons == 4 * 9_050


@pytest.mark.usefixtures("listens_to_ctrl_c")
def test_ctrl_c_interrupts_a_waiting_verb(engine, path):
    engine.recommend("u")
    with locked(path):
        press = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            press.start()
            engine.ingest("u", oo.mood(3))
        assert 0.2 < time.monotonic() - start < 1.0
        press.join()
    assert engine.recommend("u")


def test_closing_while_others_use_it(path):
    engine = oo.Engine(path)
    failures = []

    def work(n):
        try:
            while True:
                engine.recommend(f"u-{n}")
        except oo.InvalidInputError:
            pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    engine.close()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert not failures
