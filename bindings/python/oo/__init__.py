"""oO: one perfectly-timed tip.

`Engine` is the whole of it: `ingest` tells it of a life, `recommend` asks for one tip, `react` says what became of it,
`forget` takes a person out of every row and every model. `oo.aio.Engine` is the same for asyncio. `LinUCB` and the
other policies are the contextual bandits alone, on numpy arrays.
"""

import os as _os

from . import _oo, aio, answers, components, errors, signals
from ._oo import VERSION as __version__
from ._oo import (
    ActionCentredTS,
    Arms,
    Auto,
    Decided,
    DecidedBatch,
    Engine,
    EpsilonGreedy,
    Greedy,
    Hierarchical,
    LinTS,
    LinUCB,
    Policy,
    RecoveringSoftmax,
    Softmax,
    SquareCB,
    Uniform,
)
from .answers import (
    Consents,
    Explained,
    Explanation,
    Health,
    Ingested,
    PastTip,
    Preferences,
    Reacted,
    Reason,
    Receipt,
    Recommendation,
    Replayed,
    Tip,
    UsedSignal,
)
from .errors import (
    BusyError,
    DeniedError,
    Error,
    IncompatibleError,
    InternalError,
    InvalidInputError,
    MasterKeyError,
    NotFoundError,
    StorageError,
)
from .signals import Signal, calendar, context, habit, mood, task

__all__ = [
    "ActionCentredTS",
    "Arms",
    "Auto",
    "BusyError",
    "Consents",
    "Decided",
    "DecidedBatch",
    "DeniedError",
    "Engine",
    "EpsilonGreedy",
    "Error",
    "Explained",
    "Explanation",
    "Greedy",
    "Health",
    "Hierarchical",
    "IncompatibleError",
    "Ingested",
    "InternalError",
    "InvalidInputError",
    "LinTS",
    "LinUCB",
    "MasterKeyError",
    "NotFoundError",
    "PastTip",
    "Policy",
    "Preferences",
    "Reacted",
    "Reason",
    "Receipt",
    "Recommendation",
    "RecoveringSoftmax",
    "Replayed",
    "Signal",
    "Softmax",
    "SquareCB",
    "StorageError",
    "Tip",
    "Uniform",
    "UsedSignal",
    "__version__",
    "aio",
    "answers",
    "calendar",
    "components",
    "context",
    "errors",
    "habit",
    "mood",
    "signals",
    "task",
]

# SQLite's locks and the engine's threads belong to one process: no open engine crosses a fork.
if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(
        before=_oo._before_fork,
        after_in_parent=lambda: _oo._after_fork(False),
        after_in_child=lambda: _oo._after_fork(True),
    )
