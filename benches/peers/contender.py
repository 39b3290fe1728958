"""Who takes part, with which settings, in which column of the table.

`default` is the library as it comes. `tuned` are the best settings of a search over exploration and learning rate, world
by world, on seed 1000, which no measured run uses: `search.py` has the grids and repeats it. oO is never tuned: `served`
is what its server does, an exploration floor of 5 %, which the peers' defaults have not got.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Column = Literal["default", "tuned", "served"]
OURS = "oO"
CLASSES = ("digits", "wine", "cancer")
ALL = (*CLASSES, "lin", "shared")
MEASURE = dict.fromkeys(CLASSES, "reward") | {"lin": "regret", "shared": "regret"}
"""What tells how well a world was learned: average reward (higher is better) or regret (lower is)."""


@dataclass(frozen=True)
class Contender:
    """One bandit of one library."""

    peer: str
    label: str
    settings: dict[str, Any] = field(default_factory=dict)
    column: Column = "default"
    worlds: tuple[str, ...] = ALL
    seeds: dict[str, int] = field(default_factory=dict)
    """The most seeds of a world, where a library is so slow that more would take an hour."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Worlds that are not tried, each with the reason that stands in the results."""


def tuned(label: str, settings: dict[str, Any], world: str, seeds: int | None = None) -> Contender:
    """The best settings of the search for this world, where they are not those of the library."""
    peer = "Vowpal Wabbit" if label.startswith("VW") else label.split()[0]
    return Contender(peer, label, settings, "tuned", (world,), {world: seeds} if seeds else {})


REGCBOPT = "--regcb --regcbopt"
SPEED = [
    Contender(OURS, "oO auto"),
    Contender(OURS, "oO LinUCB", {"policy": "linucb"}),
    Contender("Vowpal Wabbit", "VW squarecb"),
    Contender("Vowpal Wabbit", "VW regcb", {"explore": "--regcb", "cost_of_nothing": 1.0}),
    Contender("Vowpal Wabbit", "VW squarecb, large action space", {"explore": "--squarecb --large_action_space"}),
    Contender("MABWiser", "MABWiser LinUCB"),
    Contender("contextualbandits", "contextualbandits LinUCB"),
    Contender("river", "river LinUCBDisjoint"),
    Contender("obp", "obp LinUCB"),
    Contender("coba", "coba LinUCB"),
]
SPEED_WORLDS = ("digits", "lin", "shared")

SLOW = "not run, as crossing 100 arms with 32 columns makes a round take a tenth of a second or more"
QUALITY = [
    Contender(OURS, "oO auto"),
    Contender(OURS, "oO auto", {"floor": 0.05}, "served"),
    Contender(OURS, "oO LinUCB", {"policy": "linucb"}),
    Contender("Vowpal Wabbit", "VW squarecb"),
    Contender("Vowpal Wabbit", "VW regcb", {"explore": "--regcb", "cost_of_nothing": 1.0}),
    Contender("MABWiser", "MABWiser LinUCB", seeds={"lin": 1}),
    Contender("contextualbandits", "contextualbandits LinUCB", seeds={"lin": 3}),
    Contender("river", "river LinUCBDisjoint", seeds={"lin": 2, "shared": 2}),
    Contender("obp", "obp LinUCB"),
    Contender("coba", "coba LinUCB", seeds={"digits": 2, "shared": 2}, left_out={"lin": SLOW}),
    tuned("VW squarecb", {"explore": "--squarecb --gamma_scale 300 -l 2"}, "digits"),
    tuned("VW squarecb", {"explore": "--squarecb --gamma_scale 300"}, "wine"),
    tuned("VW squarecb", {"explore": "--squarecb --gamma_scale 30 -l 2"}, "cancer"),
    tuned("VW squarecb", {"explore": "--squarecb --gamma_scale 1000 -l 2"}, "lin"),
    tuned("VW squarecb", {"explore": "--squarecb --gamma_scale 1000"}, "shared"),
    tuned("VW regcbopt", {"explore": f"{REGCBOPT} --cb_min_cost -1 --cb_max_cost 1 --mellowness 0.001 -l 2"}, "digits"),
    tuned("VW regcbopt", {"explore": f"{REGCBOPT} --mellowness 0.001", "cost_of_nothing": 1.0}, "wine"),
    tuned("VW regcbopt", {"explore": f"{REGCBOPT} --mellowness 0.001", "cost_of_nothing": 1.0}, "cancer"),
    tuned("VW regcbopt", {"explore": f"{REGCBOPT} --cb_min_cost -1 --cb_max_cost 1 --mellowness 0.01 -l 2"}, "lin"),
    tuned("VW regcbopt", {"explore": f"{REGCBOPT} --mellowness 0.001", "cost_of_nothing": 1.0}, "shared"),
    tuned("MABWiser LinUCB", {"alpha": 0.2}, "digits"),
    tuned("MABWiser LinUCB", {"alpha": 0.1}, "wine"),
    tuned("MABWiser LinUCB", {"alpha": 0.2}, "cancer"),
    tuned("MABWiser LinUCB", {"alpha": 0.7}, "lin", seeds=1),
    tuned("MABWiser LinUCB", {"alpha": 0.1}, "shared"),
    tuned("contextualbandits LinUCB", {"alpha": 0.2}, "digits"),
    tuned("contextualbandits LinUCB", {"alpha": 0.05}, "wine"),
    tuned("contextualbandits LinUCB", {"alpha": 0.3}, "cancer"),
    tuned("obp LinUCB", {"epsilon": 0.3}, "digits"),
    tuned("obp LinUCB", {"epsilon": 0.1}, "wine"),
    tuned("obp LinUCB", {"epsilon": 0.1}, "cancer"),
    tuned("obp LinUCB", {"epsilon": 0.7}, "lin"),
    tuned("coba LinUCB", {"alpha": 0.1}, "wine"),
    tuned("coba LinUCB", {"alpha": 0.3}, "cancer"),
    tuned("river LinUCBDisjoint", {"beta": 0.1}, "wine"),
    tuned("river LinUCBDisjoint", {"beta": 0.03}, "cancer"),
]

FEW = "20 lessons an arm"
LARGE = [
    (f"oO LinUCB, {FEW}", OURS, {"policy": "linucb"}, 20),
    ("oO LinUCB", OURS, {"policy": "linucb"}, None),
    ("VW squarecb", "Vowpal Wabbit", {}, None),
    ("MABWiser LinUCB", "MABWiser", {}, None),
    ("contextualbandits LinUCB", "contextualbandits", {}, None),
    ("river LinUCBDisjoint", "river", {}, None),
    ("obp LinUCB", "obp", {}, None),
    ("coba LinUCB", "coba", {}, None),
]
"""Who is tried on a thousand arms of 512 columns, and in the memory of many users: label, library, settings, and the
lessons an arm is given beforehand, more than columns if nothing is said."""
MANY_ARMS, MANY_COLUMNS = 1_000, 512
USERS, ARMS_OF_USER, COLUMNS_OF_USER, ROUNDS_OF_USER = 10_000, 10, 32, 10

LATENCY = {
    "shared": [
        ("oO LinUCB", OURS, {"policy": "linucb"}),
        ("VW squarecb", "Vowpal Wabbit", {}),
        ("MABWiser", "MABWiser", {}),
        ("contextualbandits", "contextualbandits", {}),
        ("river", "river", {}),
    ],
    "disjoint": [
        ("oO LinUCB", OURS, {"policy": "linucb"}),
        ("VW squarecb", "Vowpal Wabbit", {}),
        ("MABWiser", "MABWiser", {}),
        ("contextualbandits", "contextualbandits", {}),
        ("river", "river", {}),
        ("obp", "obp", {}),
    ],
}
ARMS = (10, 100, 1_000, 10_000)
DIMS = (8, 32, 128, 512)
FIXED_ARMS, FIXED_DIM = 100, 32
