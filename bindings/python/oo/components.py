"""Your own candidate sources, policies and featurisers: what they are, and what they are asked.

Any object with these methods is one; nothing has to be inherited. They are called on threads of the engine's own. Do not
call the engine from inside them.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from .answers import Explanation

__all__ = ["Actions", "CandidateSource", "Context", "CustomPolicy", "Featuriser", "Lesson"]

LOG = logging.getLogger("oo")


@dataclass(frozen=True, slots=True)
class Context:
    """What a source or a featuriser is asked about."""

    user: str
    """Your id of the person."""
    now: datetime
    """Now, in UTC."""
    zone: str
    """Their time zone."""
    language: str
    """The language of tips, an ISO 639-1 code."""
    decision: str
    """The decision's UUID: seed with it whatever you draw."""
    limit: int | None = None
    """At most that many candidates; None for a featuriser."""


@dataclass(frozen=True, slots=True, eq=False)
class Actions:
    """The candidates of one decision as a policy sees them."""

    X: npt.NDArray[np.float64]
    """One row a candidate, one column a feature of the schema."""
    arms: list[str]
    """The arm of each row."""
    person: str | None
    """Whose decision it is, as the log knows them."""
    day: int
    """The UTC day of the decision, counted from 1970-01-01."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A decision's drawn candidate and the reward it got."""

    x: npt.NDArray[np.float64]
    """The drawn candidate's features."""
    arm: str
    reward: float
    replaces: float | None
    """The reward that this one takes the place of, when it is a revision."""
    person: str | None
    propensity: float
    """The logged probability of the drawn candidate."""
    day: int
    decision: str


class CandidateSource(Protocol):
    """Where tips come from. A function of the context is one too; either may be async."""

    name: str
    """Its stable name, part of a candidate's identity; the class's or function's name when there is none."""

    def candidates(
        self, context: Context, /
    ) -> Iterable[Mapping[str, Any]] | Awaitable[Iterable[Mapping[str, Any]]]:
        """Mappings with `id` and `content`, and perhaps `kind`, `category`, `features`, `due`, `expires`, `times`,
        `effort_min`, `priority`."""
        ...


class CustomPolicy(Protocol):
    """A policy of your own. It also has `learned` or `learn`, and `load`; `unlearned` and `explain` where it can.

    `learned(lessons)` returns the policy after them and changes nothing; `learn(lessons)` changes a copy that the engine
    made. `load(data)`, a class method, is the way back from `save`. `unlearned(lessons)` returns the policy that never saw
    them; without it the policy is rebuilt from the log when a person is forgotten. `explain(actions, index)` returns what
    each column contributed, or an `oo.Explanation`.
    """

    name: str
    """Its stable name, the `type` in the log; the class's name when there is none."""
    replays: bool
    """Whether the same lessons give the same probabilities, bit for bit; only then `replay` compares them."""

    def distribution(self, actions: Actions, /) -> tuple[npt.ArrayLike, npt.ArrayLike]:
        """A score and a probability for each row. Probabilities sum to 1 within 1e-9."""
        ...

    def save(self) -> bytes:
        """The state, for snapshots."""
        ...


class Featuriser(Protocol):
    """Features of candidates that you compute; they are appended to the schema of the engine."""

    name: str
    """Its stable name; the feature `NAME_missing` is 1 where it failed or was late."""

    def features(self) -> Iterable[tuple[str, float, float] | Mapping[str, Any]]:
        """(name, lo, hi) of each feature, or `{"name", "range", "prior"}`."""
        ...

    def values(self, context: Context, candidates: Sequence[Mapping[str, Any]], /) -> npt.ArrayLike:
        """One row a candidate, one column a feature; what lies outside its range is held to it and counted."""
        ...


def _name(component: Any) -> str:
    name = getattr(component, "name", None) or getattr(component, "__name__", None) or type(component).__name__
    if not isinstance(name, str):
        raise TypeError(f"the name of {component!r} is no text")
    return name


def _context(wire: str) -> Context:
    said = json.loads(wire)
    return Context(**{**said, "now": datetime.fromisoformat(said["now"].replace("Z", "+00:00"))})


def _told(method: Callable[..., Any]) -> Callable[..., Any]:
    # The engine counts a failure and goes on without the component: its log is where the reason is found.
    def call(component: Any, *args: Any) -> Any:
        try:
            return method(component, *args)
        except BaseException:
            LOG.warning("%s of %s failed", method.__name__.strip("_"), _name(component), exc_info=True)
            raise

    return call


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer


@_told
def _candidates(source: Any, wire: str) -> Any:
    answer = getattr(source, "candidates", source)(_context(wire))
    return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer


@_told
def _values(featuriser: Any, wire: str, candidates: str) -> Any:
    answer = featuriser.values(_context(wire), json.loads(candidates))
    return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer


def _features(featuriser: Any) -> list[dict[str, Any]]:
    said = []
    for one in featuriser.features():
        if isinstance(one, Mapping):
            said.append(dict(one))
        else:
            name, lo, hi = one
            said.append({"name": name, "range": [lo, hi]})
    return said


def _is_policy(given: Any) -> bool:
    return callable(getattr(given, "distribution", None))


def _declared(policy: Any) -> tuple[str, str, bool]:
    for method in ("save", "load"):
        if not callable(getattr(policy, method, None)):
            raise TypeError(f"the policy {_name(policy)} has no method {method}")
    if not callable(getattr(policy, "learned", None)) and not callable(getattr(policy, "learn", None)):
        raise TypeError(f"the policy {_name(policy)} has neither learned(lessons) nor learn(lessons)")
    if not isinstance(getattr(policy, "replays", None), bool):
        raise TypeError(f"the policy {_name(policy)} does not declare `replays`, True or False")
    return _name(policy), json.dumps(getattr(policy, "settings", None) or {}, sort_keys=True), policy.replays


@_told
def _distribution(policy: Any, *actions: Any) -> Any:
    scores, pmf = policy.distribution(Actions(*actions))
    return scores, pmf


@_told
def _learned(policy: Any, lessons: list[tuple[Any, ...]]) -> Any:
    given = [Lesson(*lesson) for lesson in lessons]
    if callable(getattr(policy, "learned", None)):
        after = policy.learned(given)
        if not _is_policy(after):
            raise TypeError("learned(lessons) has to return the policy after them")
        return after
    after = copy.deepcopy(policy)
    after.learn(given)
    return after


@_told
def _unlearned(policy: Any, lessons: list[tuple[Any, ...]]) -> Any:
    if not callable(getattr(policy, "unlearned", None)):
        return None
    return policy.unlearned([Lesson(*lesson) for lesson in lessons])


@_told
def _save(policy: Any) -> bytes:
    saved = policy.save()
    try:
        return bytes(memoryview(saved))
    except TypeError:
        raise TypeError(f"save() has to return bytes, not {type(saved).__name__}") from None


@_told
def _load(prototype: Any, data: bytes) -> Any:
    return type(prototype).load(data)


@_told
def _explain(policy: Any, index: int, *actions: Any) -> Explanation | npt.ArrayLike | None:
    explain = getattr(policy, "explain", None)
    return explain(Actions(*actions), index) if callable(explain) else None
