"""The conformance cases that Rust, Python, Node and HTTP share: ids, probabilities, draws and hashes equal to the bit."""

import dataclasses
import datetime as dt
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import World

import oo

CASES = Path(__file__).resolve().parents[3] / "tests" / "conformance"
DECIDE = json.loads((CASES / "decide.json").read_text())["cases"]
ENGINE = sorted(file.stem for file in CASES.glob("*.json") if file.stem not in ("decide", "package", "package-lock"))

ALSO = {"propensities": "propensity", "days": "day"}
"""What a lesson may say beside its row, by the argument of `learn`."""


def numbers(given):
    """JSON cannot say NaN: the cases say it in words."""
    return [numbers(one) for one in given] if isinstance(given, list) else float(given)


def bits(array):
    return [struct.pack(">d", value).hex() for value in array]


def decided(case):
    ranges = {name: case[name] for name in ("range", "reward_range") if name in case}
    policy = oo.Policy.of_settings(case["policy"], case["dim"], **ranges)
    if lessons := case["lessons"]:
        arms = [lesson["arm"] for lesson in lessons] if "arm" in lessons[0] else None
        said = {name: [one[key] for one in lessons] for name, key in ALSO.items() if key in lessons[0]}
        rows, rewards = [numbers(one["x"]) for one in lessons], [numbers(one["reward"]) for one in lessons]
        policy.learn(rows, rewards, arms=arms, **said)
    X = np.array(numbers(case["features"]), dtype=float)
    X = X.reshape(0, case["dim"]) if X.size == 0 else X
    return policy, policy.decide(X, arms=case.get("arms"), seed=case["seed"])


@pytest.mark.parametrize("case", DECIDE, ids=[case["name"] for case in DECIDE])
def test_decide(case):
    if "expect_error" in case:
        with pytest.raises(oo.Error) as caught:
            decided(case)
        assert caught.value.kind == case["expect_error"]
        return
    policy, answer = decided(case)
    expect = case["expect"]
    assert (answer.index, answer.propensity) == (expect["index"], expect["propensity"])
    assert bits(answer.pmf) == expect["pmf_bits"] and list(answer.pmf) == expect["pmf"]
    assert bits(answer.scores) == expect["scores_bits"] and list(answer.scores) == expect["scores"]
    assert list(answer.bounded) == expect["bounded"]
    assert policy.state_hash == expect["state_hash"]
    assert oo.Policy.load(policy.save()).state_hash == expect["state_hash"]


def wire(answer):
    """An answer in its JSON form."""
    if isinstance(answer, (list, tuple)):
        return [wire(one) for one in answer]
    if isinstance(answer, np.ndarray):
        return answer.tolist()
    if isinstance(answer, dt.datetime):
        text = answer.isoformat(timespec="milliseconds" if answer.microsecond else "seconds")
        return text.replace("+00:00", "Z")
    if isinstance(answer, dt.date):
        return answer.isoformat()
    if isinstance(answer, oo.Error):
        return {"kind": answer.kind}
    if not dataclasses.is_dataclass(answer):
        return answer
    out = {field.name: wire(getattr(answer, field.name)) for field in dataclasses.fields(answer)}
    if isinstance(answer, (oo.Tip, oo.Explained)):
        names = {"why": "sentence", "reasons": "features", "signals": "signals", "uncertainty": "uncertainty"}
        why = {there: out.pop(here) for here, there in names.items()}
        if isinstance(answer, oo.Explained):
            out["features"] = [{"name": name, "value": value} for name, value in answer.features.items()]
            out["removals"] = [{"reason": reason, "count": count} for reason, count in answer.removals.items()]
        out["why"] = why
    if isinstance(answer, (oo.Tip, oo.Receipt, oo.VerifiedReceipt, oo.Consents)):
        out = {name: value for name, value in out.items() if value is not None}
    if isinstance(answer, oo.Choice) and answer.reward is None:
        del out["reward"]
    if isinstance(answer, oo.Recommendation) and answer.reason is None:
        del out["reason"]
    return out


def rows_of(args):
    return {"X": args["features"]} | {name: args[name] for name in ("arms", "user", "id") if name in args}


def call(engine, verb, args):
    match verb:
        case "recommend":
            return engine.recommend_with(**args)
        case "decide" | "decide_all":
            given = [rows_of(one) for one in args.get("decisions", [args])]
            shared = {name: args[name] for name in ("bandit", "policy", "range", "reward_range") if name in args}
            if verb == "decide_all":
                shared |= {name: args[name] for name in ("arms", "user") if name in args}
                return engine.decide_all(given, **shared)
            return engine.decide(**given[0], **shared)
        case "reward_all":
            return engine.reward_all((one["decision"], one["reward"]) for one in args["rewards"])
        case "set_consents" | "set_preferences":
            more = args.get("consents") or args.get("preferences") or {}
            return getattr(engine, verb)(args["user"], **more)
        case "verify_receipt":
            return engine.verify_receipt(json.dumps(args["receipt"]))
        case "events":
            return list(engine.events(**args))
        case _:
            return getattr(engine, verb)(**args)


def fill(value, saved):
    if isinstance(value, dict):
        return {name: fill(inner, saved) for name, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, saved) for inner in value]
    return saved[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def at(answer, path):
    for name in filter(None, path.split(".")):
        answer = answer[int(name)] if isinstance(answer, list) else answer[name]
    return answer


@pytest.mark.parametrize("name", ENGINE)
def test_engine(name, tmp_path):
    case = json.loads((CASES / f"{name}.json").read_text())
    world = World(tmp_path / "world.json", case["world"]["now"], case["world"]["seed"])
    saved = {}
    with oo.Engine(tmp_path / "oo.db", settings=case.get("settings", {}), test_world=world.path) as engine:
        for number, step in enumerate(case["steps"]):
            if "at" in step:
                world.move(step["at"])
            if "python" in step.get("not_over", []):
                continue
            args, where = fill(step.get("args", {}), saved), f"{name}, step {number}: {step['verb']}"
            if "expect_error" in step:
                with pytest.raises(oo.Error) as caught:
                    call(engine, step["verb"], args)
                assert caught.value.kind == step["expect_error"], where
                continue
            answer = wire(call(engine, step["verb"], args))
            expect = step.get("expect")
            if step["verb"] == "health" and expect is not None:
                answer = {key: answer[key] for key in expect}
            if expect is not None:
                assert answer == expect, where
            for key, path in step.get("save", {}).items():
                saved[key] = at(answer, path)


def test_there_are_cases():
    assert len(DECIDE) > 20 and len(ENGINE) >= 8
