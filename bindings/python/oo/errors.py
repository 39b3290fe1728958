"""What oO raises: one class for each kind of error, all under `Error`.

Each kind says what to do next; `kind` is its stable name, the same in every language and over HTTP.
"""

from __future__ import annotations

__all__ = [
    "BusyError",
    "DeniedError",
    "Error",
    "IncompatibleError",
    "InternalError",
    "InvalidInputError",
    "MasterKeyError",
    "NotFoundError",
    "StorageError",
]


class Error(Exception):
    """The base of all errors of oO, and the class of a kind that this version does not know."""

    kind: str = "internal"
    """The stable name of the kind."""
    message: str
    """What is wrong and what to do next."""
    field: str | None
    """The field of the input that is wrong, where one is."""

    def __init__(self, message: str, field: str | None = None, kind: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if kind is not None:
            self.kind = kind

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message

    def __repr__(self) -> str:
        field = f", field={self.field!r}" if self.field else ""
        return f"{type(self).__name__}({self.message!r}{field})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message, self.field, self.kind)


class InvalidInputError(Error):
    """The call itself is wrong: correct it. A retry will not help."""

    kind = "invalid_input"


class NotFoundError(Error):
    """There is no such thing: check the id."""

    kind = "not_found"


class DeniedError(Error):
    """The person has not agreed to this kind of signal: ask them, then record their consent."""

    kind = "denied"


class IncompatibleError(Error):
    """Two things do not fit, such as a saved policy and a schema: migrate, or upgrade oO."""

    kind = "incompatible"


class BusyError(Error):
    """The store is locked or the engine overloaded: try again later."""

    kind = "busy"


class StorageError(Error):
    """The storage is full, read-only, corrupt or gone: mend it. Nothing acknowledged was lost."""

    kind = "storage"


class MasterKeyError(Error):
    """The master key is missing or another one: put the right key back."""

    kind = "key"


class InternalError(Error):
    """A defect of oO: report it with the message."""

    kind = "internal"


_CLASSES: dict[str, type[Error]] = {one.kind: one for one in Error.__subclasses__()}


def _of(kind: str, message: str, field: str | None) -> Error:
    return _CLASSES.get(kind, Error)(message, field, kind)
