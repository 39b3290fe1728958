"""What the verbs of a person's rights answer: consents, preferences, receipts, exports."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from .times import _time


@dataclass(frozen=True, slots=True)
class Consents:
    """Which kinds of signal a person agrees to."""

    task: bool
    habit: bool
    calendar: bool
    mood: bool
    context: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's preferences."""

    zone: str
    quiet_from: str | None
    quiet_to: str | None
    daily_cap: int | None
    language: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of a forgetting."""

    id: str
    stage: Literal["erased", "erasing", "nothing_held"]
    unlearned: bool
    """Whether no policy that serves or is kept holds anything of the person."""
    at: datetime
    rebuilding: tuple[str, ...] | None = None
    """Policies that cannot subtract and wait to be taught anew without the person; None when there are none."""
    lessons: int = 0
    """Lessons that were taken away."""
    exports: int | None = None
    """Files with the person's export that were removed; None when there were none."""
    left: tuple[str, ...] | None = None
    """Files that hold the person still and are yours to remove: exports that could not be removed, and databases that a
    restore moved aside; None when there are none."""
    pseudonym_digest: str | None = None
    position: int | None = None
    epoch: int | None = None
    state_hash: str | None = None
    chain: str | None = None

    @classmethod
    def _of(cls, wire: dict[str, Any]) -> Receipt:
        lists = {name: tuple(wire.pop(name)) for name in ("left", "rebuilding") if name in wire}
        return cls(at=_time(wire.pop("at")), **lists, **wire)


def _written(receipt: object) -> str:
    """The JSON text of a receipt."""
    if not isinstance(receipt, Receipt):
        raise TypeError("pass a Receipt, as `forget` gave it, or its JSON text")
    said = {name: value for name, value in asdict(receipt).items() if value is not None}
    return json.dumps(said | {"at": receipt.at.isoformat()})


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What checking a receipt found."""

    id: str
    stage: Literal["erased", "erasing"]
    valid: bool
    """Whether everything it says holds."""
    chain: bool
    """Whether the chain over all receipts, from the first to the newest, is unbroken."""
    absent: bool
    """Whether no row, key or mapping is there of whoever it is about."""
    problems: list[str]
    """What does not hold; empty when it is valid."""
    unchecked: list[str]
    """What cannot be checked, and why."""
    state: bool | None = None
    """Whether replaying the log to the newest forgetting gives that one's state hash; None where a consent that was taken
    back has changed what was learned since, and where the champion does not replay."""


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run of retention erased."""

    people: int
    events: int
    lessons: int
    """Lessons that stay in their places."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a person's export was written to."""

    path: str
    lines: int
    """How many lines it has, its header included."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken over from an export."""

    signals: int
    duplicates: int
    consents: int
    preferences: bool
    skipped: int
    """Lines that belong to the store they came from: decisions, answers, lessons."""
