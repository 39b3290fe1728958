"""What the verbs answer: frozen dataclasses, so that `dataclasses.asdict`, pickle and pandas take them as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .privacy import (
    Consents,
    Exported,
    Imported,
    Preferences,
    Receipt,
    Retained,
    VerifiedReceipt,
)
from .times import _due, _time

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "Backup",
    "Choice",
    "Consents",
    "Explained",
    "Explanation",
    "Exported",
    "ForgottenList",
    "Health",
    "Imported",
    "Ingested",
    "NamedBandit",
    "PastTip",
    "Preferences",
    "Reacted",
    "Reason",
    "Receipt",
    "Recommendation",
    "RegisteredPolicy",
    "Replayed",
    "Retained",
    "Restored",
    "Rewarded",
    "Tip",
    "UsedSignal",
    "VerifiedReceipt",
]

State = Literal["open", "snoozed", "done", "dismissed", "expired", "settled"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature and what it contributed to the score."""

    name: str
    value: float
    contribution: float


@dataclass(frozen=True, slots=True)
class UsedSignal:
    """A signal that was used, in words."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Tip:
    """One tip."""

    id: str
    """The decision's id: pass it, or the tip, to `react`."""
    content: str
    kind: Literal["todo", "advice"]
    category: str
    source: str
    """The source that offered it."""
    candidate: str
    """The source's own id of it."""
    why: str
    """Why this one, in a sentence."""
    reasons: tuple[Reason, ...] = field(repr=False)
    """The features that weighed most."""
    signals: tuple[UsedSignal, ...] = field(repr=False)
    uncertainty: float = field(repr=False)
    """How unsure the policy was: the standard width of the score."""
    expires: datetime
    decided_at: datetime = field(repr=False)
    due: date | datetime | None
    propensity: float
    """The logged probability with which it was drawn."""
    policy: str
    """The policy that decided, `id@version`."""
    candidates: int
    """How many candidates there were."""
    returned: bool
    """Whether it came back from a snooze."""

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> Tip:
        expires, decided_at = _time(wire.pop("expires")), _time(wire.pop("decided_at"))
        return cls(**_why(wire), expires=expires, decided_at=decided_at, due=_due(wire.pop("due", None)), **wire)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A tip, or why there is none."""

    tip: Tip | None
    reason: Literal["daily_cap", "no_candidate"] | None = None

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> Recommendation:
        tip = wire.pop("tip")
        return cls(tip=tip and Tip._of(tip), **wire)


@dataclass(frozen=True, slots=True)
class Reacted:
    """What became of a reaction."""

    status: Literal["applied", "duplicate", "parked", "late"]
    reward: float | None
    """The tip's reward after it, where it has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What a named bandit chose."""

    decision: str
    """The decision's id: pass it, or the choice, to `reward`."""
    bandit: str
    index: int
    """The drawn row."""
    arm: str
    """The drawn row's arm; its number where none were named."""
    propensity: float
    """Its probability, from before the draw."""
    pmf: npt.NDArray[np.float64] = field(repr=False)
    """The probability of each row."""
    scores: npt.NDArray[np.float64] = field(repr=False)
    """The score of each row."""
    estimated: bool = field(repr=False)
    """Whether the probabilities are an estimate of the policy's own; they are what was drawn from."""
    bounded: npt.NDArray[np.int64] = field(repr=False)
    """The rows whose score is only an upper bound, because they could not win."""
    reward: float | None = None
    """The reward it has, where it has one."""

    @property
    def id(self) -> str:
        """The decision's id, as of a tip."""
        return self.decision


@dataclass(frozen=True, slots=True)
class Rewarded:
    """What became of a reward."""

    decision: str
    status: Literal["learned", "revised", "duplicate"]
    reward: float | None
    """The reward that counts, rounded to the bandit's grid."""


@dataclass(frozen=True, slots=True)
class NamedBandit:
    """A named bandit."""

    name: str
    settings: Mapping[str, Any]
    """Policy, columns and ranges."""
    lessons: int
    state_hash: str
    """The hash of settings and exact sums: equal for the same set of lessons."""


@dataclass(frozen=True, slots=True)
class RegisteredPolicy:
    """A policy that chooses tips, or did."""

    policy: str
    """`id@version`."""
    role: str
    """What it does: serve, score in the shadow, or nothing any more."""
    settings: Mapping[str, Any]
    schema: str
    """The hash of its features' schema."""
    lessons: int
    state_hash: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of signals."""

    accepted: int
    duplicates: int
    position: int
    """The log's last position after it."""


@dataclass(frozen=True, slots=True)
class PastTip:
    """A tip of the past."""

    id: str
    content: str
    kind: Literal["todo", "advice"]
    state: State
    reward: float | None
    decided_at: datetime
    shown_at: datetime | None
    policy: str
    propensity: float
    holdout: bool
    """Whether it was drawn by the uniform holdout."""

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> PastTip:
        shown = wire.pop("shown_at")
        return cls(decided_at=_time(wire.pop("decided_at")), shown_at=shown and _time(shown), **wire)


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything about one decision."""

    id: str
    why: str
    reasons: tuple[Reason, ...]
    signals: tuple[UsedSignal, ...]
    uncertainty: float
    policy: str
    propensity: float
    drawn: int
    """The place of the drawn candidate in `pmf` and `scores`."""
    holdout: bool
    fallback: bool
    """Whether every candidate had the same probability because the policy failed."""
    pmf: tuple[float, ...] = field(repr=False)
    scores: tuple[float, ...] = field(repr=False)
    bounded: tuple[int, ...] = field(repr=False)
    """The places of the candidates whose score is only an upper bound, because they could not win."""
    features: Mapping[str, float] = field(repr=False)
    """The drawn candidate's features by name."""
    removals: Mapping[str, int]
    """Why other candidates were not eligible, with how many of each."""
    state: State
    reward: float | None

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> Explained:
        features = {one["name"]: one["value"] for one in wire.pop("features")}
        removals = {one["reason"]: one["count"] for one in wire.pop("removals")}
        lists = {name: tuple(wire.pop(name)) for name in ("pmf", "scores", "bounded")}
        return cls(**_why(wire), features=features, removals=removals, **lists, **wire)


@dataclass(frozen=True, slots=True)
class Health:
    """How the engine is."""

    status: str
    version: str
    position: int
    """The last event that was folded."""
    epoch: int
    policy: str
    state_hash: str
    lessons: int
    lag: int
    """Events that the projections have still to see."""
    parked: int
    """Reactions that wait for their decision."""
    erasing: int
    """People who were forgotten and whose bytes may still stand in the write-ahead log: somebody reads the database."""
    incarnation: str
    """Which life of the store this is: another one after a restore, when positions repeat."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    path: Path
    bytes: int
    position: int
    """The last event in it."""
    incarnation: str
    """Which life of the store it was made of."""
    key_id: str
    """The id of the master key that opens it: keep that key as long as the backup."""

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> Backup:
        return cls(path=Path(wire.pop("path")), **wire)


@dataclass(frozen=True, slots=True)
class ForgottenList:
    """The list of people who were forgotten, as a restore found it."""

    path: Path
    """Where it is, or has to be."""
    lines: int | None
    """How many people are on it; none where there is no list: then nobody is forgotten again."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was restored."""

    path: Path
    position: int
    """The last event in it."""
    incarnation: str
    """The life that begins with it."""
    key_id: str
    """The id of the master key that opens it."""
    keys: int
    """Wrapped keys that were opened, to see that they do."""
    replaced: Path | None
    """Where the database is that was there before; forgetting does not reach it."""
    forgotten_list: ForgottenList
    """Whom opening it forgets again."""

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> Restored:
        path, replaced, listed = Path(wire.pop("path")), wire.pop("replaced"), wire.pop("forgotten_list")
        forgotten = ForgottenList(Path(listed["path"]), listed["lines"])
        return cls(path=path, replaced=replaced and Path(replaced), forgotten_list=forgotten, **wire)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found."""

    events: int
    lessons: int
    pmfs: int
    """Decisions whose pmf was computed anew and compared."""
    state_hash: str
    differences: tuple[str, ...]
    """What differs; empty when everything is the same, byte for byte."""

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> Replayed:
        return cls(differences=tuple(wire.pop("differences")), **wire)


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why a row scores as it does."""

    contributions: npt.NDArray[np.float64]
    """Weight times value of each column."""
    intercept: float
    mean: float
    """The expected reward: all contributions and the intercept."""
    width: float
    """The standard width behind the score, before its factor."""
    score: float


def _read(name: str, text: str) -> Any:
    """The answer `name` of its JSON form; a list of them when it is a list."""
    wire = json.loads(text)
    if name == "dict":
        return wire
    cls = globals()[name]
    of = getattr(cls, "_of", None) or (lambda wire: cls(**wire))
    return [of(one) for one in wire] if isinstance(wire, list) else of(wire)


def _why(wire: dict[str, Any]) -> dict[str, Any]:
    why = wire.pop("why")
    return {
        "why": why["sentence"],
        "reasons": tuple(Reason(**one) for one in why["features"]),
        "signals": tuple(UsedSignal(**one) for one in why["signals"]),
        "uncertainty": why["uncertainty"],
    }
