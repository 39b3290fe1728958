"""Signals of a life, in their JSON form: plain dicts, for `Engine.ingest`, JSON lines or HTTP.

Each takes `signal_id` (sending the same one twice changes nothing) and `at` (when it happened; now when left out).
Times are aware datetimes or RFC 3339 texts; a due day is a date. What is left out stays out.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, TypeAlias

__all__ = ["Signal", "calendar", "context", "habit", "mood", "task"]

Signal: TypeAlias = dict[str, Any]
Time: TypeAlias = datetime | str


def task(
    id: str,
    title: str = "",
    *,
    notes: str | None = None,
    due: date | Time | None = None,
    priority: Literal[1, 2, 3, 4] | None = None,
    effort_min: int | None = None,
    status: Literal["open", "done", "deleted"] | None = None,
    created: Time | None = None,
    signal_id: str | None = None,
    at: Time | None = None,
) -> Signal:
    """A thing to do; the last signal of an id stands. Priority 1 is the most urgent.

    >>> task("t1", "File taxes", due="2026-11-30")
    {'kind': 'task', 'id': 't1', 'title': 'File taxes', 'due': '2026-11-30'}
    """
    return _signal(
        "task",
        id=id,
        title=title,
        notes=notes,
        due=due,
        priority=priority,
        effort_min=effort_min,
        status=status,
        created=created,
        signal_id=signal_id,
        at=at,
    )


def habit(
    id: str,
    name: str = "",
    *,
    per_week: int | None = None,
    event: Literal["defined", "done", "deleted"] | None = None,
    signal_id: str | None = None,
    at: Time | None = None,
) -> Signal:
    """A habit meant for `per_week` days a week, or, with `event="done"`, one time it was kept."""
    return _signal("habit", id=id, name=name, per_week=per_week, event=event, signal_id=signal_id, at=at)


def calendar(
    id: str,
    title: str = "",
    *,
    start: Time,
    end: Time,
    busy: bool | None = None,
    all_day: bool | None = None,
    cancelled: bool | None = None,
    signal_id: str | None = None,
    at: Time | None = None,
) -> Signal:
    """An entry of the calendar; the last signal of an id stands."""
    return _signal(
        "calendar",
        id=id,
        title=title,
        start=start,
        end=end,
        busy=busy,
        all_day=all_day,
        cancelled=cancelled,
        signal_id=signal_id,
        at=at,
    )


def mood(
    level: float,
    *,
    energy: float | None = None,
    note: str | None = None,
    signal_id: str | None = None,
    at: Time | None = None,
) -> Signal:
    """A mood: `level` from 1 (low) to 5 (high), `energy` from 1 (tired) to 5 (awake)."""
    return _signal("mood", level=level, energy=energy, note=note, signal_id=signal_id, at=at)


def context(name: str, value: float, *, signal_id: str | None = None, at: Time | None = None) -> Signal:
    """A named number of the moment; the engine's schema declares the name."""
    return _signal("context", name=name, value=value, signal_id=signal_id, at=at)


def _signal(kind: str, **fields: Any) -> Signal:
    return {"kind": kind} | {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if value is not None
    }
