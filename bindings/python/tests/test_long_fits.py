"""Learning a lot: progress is shown where somebody looks, and Ctrl-C leaves the policy as it was."""

import os
import pty
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import oo

X = np.random.default_rng(0).uniform(-1, 1, (40_000, 8))
Y = X.sum(axis=1)


def test_a_function_is_told_of_the_progress():
    told = []
    policy, plain = oo.LinUCB(dim=8), oo.LinUCB(dim=8)
    policy.learn(X, Y, progress=lambda done, total: told.append((done, total)))
    plain.learn(X, Y)
    assert told[-1] == (40_000, 40_000) and len(told) > 2 and told == sorted(told)
    assert policy.save() == plain.save()


SHARED = """
import sys, threading, time
import numpy as np, oo

X = np.random.default_rng(0).uniform(-1, 1, (40_000, 8))
policy, Y, updates = oo.LinUCB(dim=8), X.sum(axis=1), 0
decided = policy.decide(X[:3], seed=1)

def update(*_):
    global updates
    policy.update(decided, 1.0)
    updates += 1
"""
LEARNED = """
plain = oo.LinUCB(dim=8)
plain.learn(X, Y)
for _ in range(updates):
    plain.update(decided, 1.0)
assert updates > 0 and policy.lessons == 40_000 + updates and policy.state_hash == plain.state_hash
"""
THE_FUNCTION = "policy.learn(X, Y, progress=update)" + LEARNED
ANOTHER_THREAD = """
learned = threading.Event()

def learn():
    policy.learn(X, Y, progress=lambda done, total: time.sleep(0.001))
    learned.set()

threading.Thread(target=learn, daemon=True).start()
while not learned.is_set():
    policy.decide(X[:3], seed=1)
    update()
""" + LEARNED
THREADS_OF_WRONG_CALLS = """
sys.setswitchinterval(1e-6)
refused = []

def wrong():
    for _ in range(5000):
        try:
            policy.update(decided, float("nan"))
        except oo.InvalidInputError as error:
            refused.append(error)

threads = [threading.Thread(target=wrong, daemon=True) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(refused) == 40_000 and policy.lessons == 0
"""


@pytest.mark.parametrize("code", [THE_FUNCTION, ANOTHER_THREAD, THREADS_OF_WRONG_CALLS], ids=["function", "thread", "errors"])
def test_whoever_uses_the_policy_meanwhile_waits_for_nobody_for_ever(code):
    """In a process of its own, for one that waits for ever holds the GIL."""
    subprocess.run([sys.executable, "-c", SHARED + code], check=True, timeout=60)


def test_a_range_that_a_decision_fixes_meanwhile_stays():
    policy, decided = oo.LinUCB(dim=8, range="auto"), []

    def decide(done, total):
        if not decided:
            decided.append(policy.decide(X[:3] / 64, seed=1))

    with pytest.raises(oo.InvalidInputError, match="range"):
        policy.learn(X, Y, progress=decide)
    policy.update(decided[0], 1.0)
    assert policy.lessons == 1


def test_what_the_function_raises_ends_the_learning():
    policy = oo.LinUCB(dim=8)

    def stop(done, total):
        raise KeyError(done)

    with pytest.raises(KeyError):
        policy.learn(X, Y, progress=stop)
    assert policy.lessons == 0


def test_a_batch_tells_of_its_progress():
    policy, plain, told = oo.LinUCB(dim=8), oo.LinUCB(dim=8), []
    batch = policy.decide_batch(X.reshape(-1, 2, 8), seed=1)
    rewards = np.resize([0.0, 1.0, 0.5], len(batch))
    policy.learn(batch, rewards, progress=lambda done, total: told.append((done, total)))
    policy.partial_fit(batch, rewards, progress=lambda done, total: told.append((done, total)))
    plain.update_batch(batch, rewards)
    plain.update_batch(list(batch), rewards)
    parts = [(8192, 20_000), (16_384, 20_000), (20_000, 20_000)]
    assert told == parts * 2
    assert policy.save() == plain.save()

    def stop(done, total):
        raise KeyError(done)

    with pytest.raises(KeyError):
        plain.learn(batch, rewards, progress=stop)
    assert policy.save() == plain.save()


def test_a_batch_says_itself_what_lessons_are_learned_with():
    policy = oo.LinUCB(dim=8)
    batch = policy.decide_batch(X[None, :3], seed=1)
    for name, given in {"arms": ["a"], "people": 1, "days": 1, "propensities": 0.5, "centres": np.zeros((1, 9))}.items():
        with pytest.raises(oo.InvalidInputError) as caught:
            policy.learn(batch, [1.0], **{name: given})
        assert caught.value.field == name
    assert policy.lessons == 0


@pytest.mark.parametrize("verb", ["learn", "update_batch", "revise"])
def test_a_signal_interrupts_every_long_learning(verb):
    policy = oo.LinUCB(dim=8)
    batch = policy.decide_batch(X.reshape(-1, 2, 8), seed=1)
    policy.learn(X, Y)
    before = policy.save()
    calls = {
        "learn": lambda: policy.learn(X, Y),
        "update_batch": lambda: policy.update_batch(batch, np.ones(len(batch))),
        "revise": lambda: policy.revise(X, -Y, Y),
    }

    def stop(*_):
        raise KeyboardInterrupt

    known = signal.signal(signal.SIGALRM, stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            calls[verb]()
            signal.pause()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, known)
    assert policy.save() == before


def test_no_bar_in_a_log(capfd):
    oo.LinUCB(dim=8).learn(X, Y, progress=True)
    assert capfd.readouterr().err == ""


BAR = """
import numpy as np, oo
oo.LinUCB(dim=8).learn(np.zeros((40_000, 8)), np.zeros(40_000), progress=True)
"""


@pytest.mark.parametrize("ci", [False, True])
def test_a_bar_on_a_terminal(ci):
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": "1"} if ci else {})
    with subprocess.Popen([sys.executable, "-c", BAR], stderr=theirs, env=env) as child:
        assert child.wait(60) == 0
    os.close(theirs)
    try:
        said = os.read(ours, 1 << 16).decode()
    except OSError:
        said = ""
    os.close(ours)
    assert ("100 %" in said and "40000/40000" in said) is not ci


@pytest.mark.usefixtures("listens_to_ctrl_c")
def test_ctrl_c_interrupts_and_leaves_the_policy_as_it_was():
    policy = oo.LinUCB(dim=64)
    policy.learn(np.ones((1, 64)), [1.0])
    before = policy.save()
    many = np.zeros((400_000, 64))
    began = threading.Event()

    def interrupt():
        began.wait()
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        began.set()
        policy.learn(many, np.zeros(len(many)))
        pytest.fail(f"learned everything in {time.monotonic() - started:.1f} s; make it more")
    thread.join()
    assert policy.save() == before
