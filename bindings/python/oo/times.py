"""Times as answers say them: RFC 3339 text."""

from __future__ import annotations

from datetime import date, datetime


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _due(text: str | None) -> date | datetime | None:
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) <= 10 else _time(text)
