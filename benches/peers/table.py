"""The tables of a run, as text for the terminal and as Markdown for the README: one source for both."""

from collections.abc import Iterable, Sequence
from typing import Any

from peers.contender import ALL, MEASURE, OURS

Row = dict[str, Any]
Table = tuple[str, list[str], list[list[str]]]
"""A title, the heads of the columns, and the cells."""

WORLD_NAMES = {
    "digits": "digits: 10 arms, d=64",
    "lin": "lin: 100 arms, d=32",
    "shared": "shared: 50 candidates, d=32",
    "wine": "wine",
    "cancer": "breast cancer",
}
COLUMN_NAMES = {"default": "", "tuned": ", tuned", "served": ", as served (5 % floor)"}


def speed(found: Row) -> Table:
    """Choose / update in µs, the whole round as a multiple of oO's, and memory, the most of it as one too."""
    order, cells = [], {}
    for row in found["speed"]:
        if row["label"] not in order:
            order.append(row["label"])
        cells[row["label"], row["world"]] = row
    ours = {world: next(iter(row for row in found["speed"] if row["peer"] == OURS and row["world"] == world), None)
            for world in ("digits", "lin", "shared")}
    own = max((row["rss_mb"] for row in ours.values() if row), default=float("nan"))
    lines = []
    for label in order:
        line, memory = [label], []
        for world in ours:
            row = cells.get((label, world))
            if row is None:
                line.append(reason(found, "speed", label, world))
                continue
            memory.append(row["rss_mb"])
            times = f"{number(row['choose_us'])} / {number(row['update_us'])}"
            ratio = row["round_us"] / ours[world]["round_us"] if ours[world] else float("nan")
            line.append(times if row is ours[world] else f"{times} (×{number(ratio)})")
        least, most = (min(memory), max(memory)) if memory else (0, 0)
        span = f"{least:.0f}" if round(least) == round(most) else f"{least:.0f}–{most:.0f}"
        line.append(span if ours["shared"] and label == ours["shared"]["label"] else f"{span} (×{number(most / own)})")
        lines.append(line)
    lines += absent(found, "speed", order, columns=5)
    heads = ["from Python", *(WORLD_NAMES[world] for world in ours), "RSS MB"]
    return "Speed: p50 in µs of choose / update, in brackets choose + update as a multiple of oO's", heads, lines


def quality(found: Row) -> Table:
    """Average reward, or regret, with its standard error; the ratio to oO's loss in brackets."""
    order, cells = [], {}
    for row in found["quality"]:
        key = (row["label"], row["column"])
        if key not in order:
            order.append(key)
        cells[*key, row["world"]] = row
    rank = {"oO": 0}
    order.sort(key=lambda key: (rank.get(key[0].split()[0], 1), key[1] == "tuned"))
    lines = []
    for label, column in order:
        line = [label + COLUMN_NAMES[column]]
        for world in ALL:
            row = cells.get((label, column, world))
            base = cells.get((f"{OURS} auto", "default", world))
            cell = learned(row, world, found["run"]["seeds"], base) if row else None
            line.append(cell or reason(found, "quality", label, world, column))
        lines.append(line)
    lines += absent(found, "quality", [label for label, _ in order], columns=6)
    heads = ["", "digits: average reward / last 1000", "wine", "breast cancer", "lin: regret", "shared: regret"]
    return "Learning: mean ± standard error over seeds, in brackets its loss as a multiple of oO's", heads, lines


def learned(row: Row, world: str, usual: int, ours: Row | None) -> str:
    """One cell: the measure, and in brackets the loss, errors or regret, as a multiple of `ours` and the number of seeds
    where it is not the usual one.
    """
    name = MEASURE[world]
    places = 3 if name == "reward" else 0
    error = row[f"{name}_se"]
    text = f"{row[name]:.{places}f}" + (f" ± {error:.{places}f}" if error is not None else "")
    if world == "digits":
        text += f" / {row['last_1000']:.3f}"
    notes = [f"×{number(row['regret'] / ours['regret'])}"] if ours and row is not ours and ours["regret"] > 0.0 else []
    notes += [f"n={row['seeds']}"] if row["seeds"] != usual else []
    return text + (f" ({', '.join(notes)})" if notes else "")


def rust(found: Row) -> Table:
    """Choose / update of the crates, with oO's share of each one's time. Below as many lessons as columns oO keeps an arm
    of 64 columns and more as its lessons; the heads say from how many lessons an arm on was measured.
    """
    lines: dict[str, list[str]] = {}
    heads = ["in Rust, disjoint"]
    for row in found["rust"]:
        head = f"{row['arms']} arms, d={row['dim']}, from {row['lessons']} lessons an arm"
        if head not in heads:
            heads.append(head)
        share = "" if row["peer"] == "oo" else f" (oO {row['ours_to_its_choose']:.2f}×)"
        text = f"{number(row['choose_us'])} / {number(row['update_us'])}{share}"
        lines.setdefault("oO" if row["peer"] == "oo" else row["peer"], []).append(text)
    cells = [[name, *cells] for name, cells in lines.items()]
    return "Rust: median µs of choose / update, in brackets oO's choose as a share of it", heads, cells


def http(found: Row) -> Table:
    """Requests a second of both servers."""
    said, lines = found["http"], []
    routes = {
        "oo": "oO, `POST /api/decide`, on disk",
        "oo_once": "oO, `POST /api/decide/once`, in memory",
        "fastapi": "FastAPI + numpy, in memory, one uvicorn worker",
    }
    for name, label in routes.items():
        if name in said:
            one = said[name]
            lines.append([label, f"{one['per_s']:,.0f}", f"{one['p50_ms']:.2f}", f"{one['p99_ms']:.2f}",
                          f"{one['rss_mb']:.0f}"])
    return "HTTP: 50 candidates of 32 numbers in JSON", ["", "requests/s", "p50 ms", "p99 ms", "RSS MB"], lines


def large(found: Row) -> Table:
    """A thousand arms of 512 columns, and the memory of ten thousand users' models, each with the multiple of oO's."""
    parts = ("large", "users")
    rows = {part: {row["label"]: row for row in found[part]} for part in parts}
    lost = [row["label"] for row in found["missing"] if row["do"] in parts]
    ours = {part: rows[part].get(f"{OURS} LinUCB") for part in parts}
    worlds = {part: next((row["world"] for row in [*found[part], *found["missing"]] if row.get("do", part) == part
                          and row.get("world")), "") for part in parts}

    def multiple(part: str, row: Row, key: str) -> str:
        base = ours[part]
        return f" (×{number(row[key] / base[key])})" if base and row is not base and base[key] > 0.0 else ""

    lines = []
    for label in dict.fromkeys([*rows["large"], *rows["users"], *lost]):
        line = [label]
        if row := rows["large"].get(label):
            line.append(f"{number(row['choose_us'] / 1e3)} / {number(row['update_us'] / 1e3)}"
                        + multiple("large", row, "round_us"))
            line.append(f"{row['rss_mb']:,.0f}" + multiple("large", row, "rss_mb"))
        else:
            line += [reason(found, "large", label, worlds["large"])] * 2
        if row := rows["users"].get(label):
            line.append(f"{row['held_mb']:,.0f}" + multiple("users", row, "held_mb"))
        else:
            line.append(reason(found, "users", label, worlds["users"]))
        lines.append(line)
    heads = ["", f"{worlds['large']}: ms of choose / update", "RSS MB", f"{worlds['users']}: MB held"]
    return "Large: a thousand arms of 512 columns, and a model a user", heads, lines


def figures(found: Row) -> Table:
    """The named ratios and their bars."""
    lines = []
    for name, figure in found["figures"].items():
        value = "not measured" if figure["value"] is None else f"{figure['value']:.3g}"
        sign = "≥" if figure["at"] == "least" else "≤"
        lines.append([name, value, f"{sign} {figure['bar']:g}", "" if figure["met"] else "MISSED"])
    return "Figures", ["figure", "value", "bar", ""], lines


def reason(found: Row, do: str, label: str, world: str, column: str | None = None) -> str:
    """Why a cell is empty."""
    for row in found["missing"]:
        if (row["do"], row["label"], row["world"]) == (do, label, world) and column in (None, row.get("column")):
            why = row.get("unsupported", "failed")
            return why.split(",")[0] if why.startswith(("not run", "failed")) else "not supported"
    return "–"


def reasons(found: Row) -> list[str]:
    """The empty cells of the tables in words: a line a contender and reason."""
    worlds: dict[tuple[str, str], dict[str, None]] = {}
    for row in found["missing"]:
        if row["do"] != "latency":
            why = row.get("unsupported") or f"failed, {row['failed']}"
            worlds.setdefault((row["label"], why), {})[row.get("world", "")] = None
    return [f"{label} ({', '.join(filter(None, where))}) {why}" for (label, why), where in worlds.items()]


def absent(found: Row, do: str, seen: Sequence[str], columns: int) -> list[list[str]]:
    """A line for every contender none of whose jobs came through."""
    labels = dict.fromkeys(row["label"] for row in found["missing"] if row["do"] == do and row["label"] not in seen)
    return [[label, *["failed"] * (columns - 1)] for label in labels]


def number(value: float) -> str:
    """Three digits that count, at most."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def text(table: Table) -> str:
    """For a terminal."""
    title, heads, lines = table
    widths = [max(len(cell) for cell in column) for column in zip(heads, *lines)]
    def put(cells: Iterable[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
    return "\n".join(["", title, put(heads), put("-" * width for width in widths), *map(put, lines)])


def markdown(table: Table) -> str:
    """For a document."""
    _, heads, lines = table
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
