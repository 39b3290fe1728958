"""`explain`: everything about one decision."""

import math

import pytest

import oo


def test_explain_tells_the_whole_decision(engine):
    tip = engine.recommend("u")
    said = engine.explain(tip)
    assert said.id == tip.id and said.why == tip.why and said.policy == tip.policy
    assert len(said.pmf) == len(said.scores) == tip.candidates
    assert math.isclose(sum(said.pmf), 1.0, abs_tol=1e-12)
    assert said.pmf[said.drawn] == said.propensity == tip.propensity
    assert said.features and all(isinstance(value, float) for value in said.features.values())
    assert (said.fallback, said.bounded, said.state, said.reward) == (False, (), "open", None)
    engine.react(tip, "done")
    assert (engine.explain(tip.id).state, engine.explain(tip.id).reward) == ("done", 1.0)


def test_explain_an_unknown_tip(engine):
    with pytest.raises(oo.NotFoundError) as caught:
        engine.explain("0198a8f0-0000-7000-8000-000000000001")
    assert caught.value.kind == "not_found"
    with pytest.raises(oo.InvalidInputError):
        engine.explain("tip")
