"""The plots of a run, PNG and SVG: `regret` (what learning cost, with bands) and `latency` (by arms and columns)."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from peers.contender import DIMS, FIXED_ARMS, FIXED_DIM, OURS

Row = dict[str, Any]
COLOURS = {
    "oO": "#c2185b", "Vowpal Wabbit": "#e69f00", "MABWiser": "#0072b2", "contextualbandits": "#009e73",
    "river": "#56b4e9", "obp": "#8d6e63", "coba": "#7e57c2",
}
OTHER = "#e08aa9"
"""oO's other policies."""
INK, FAINT = "#1a1a1a", "#dcdcdc"
TITLES = {
    "digits": ("digits", "10 arms, d = 64: errors so far"),
    "lin": ("lin", "100 arms, d = 32: regret so far"),
    "shared": ("shared", "50 candidates, d = 32: regret so far"),
}
STYLE = {
    "font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.labelcolor": INK,
    "axes.edgecolor": "#9a9a9a",
    "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False, "xtick.color": "#555555",
    "ytick.color": "#555555", "svg.fonttype": "path", "svg.hashsalt": "oo", "figure.facecolor": "white",
}


def draw(found: Row, folder: Path) -> None:
    """Both plots, as far as there is something to draw."""
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(STYLE):
        if found["quality"]:
            save(regret(found), folder / "regret")
        if found["latency"]:
            save(latency(found), folder / "latency")


def save(figure: Figure, place: Path) -> None:
    png = place.with_suffix(".png")
    figure.savefig(png, dpi=150)
    # A palette: the file is kept in the repository.
    with Image.open(png) as drawn:
        drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(png, optimize=True)
    figure.savefig(place.with_suffix(".svg"), metadata={"Date": None})
    plt.close(figure)


def footer(figure: Figure, found: Row, more: str) -> None:
    run = found["run"]
    figure.text(0.012, 0.012, f"{more}  ·  {run['date']}  ·  {run['machine']}  ·  {run['command']}",
                fontsize=7, color="#777777")


def regret(found: Row) -> Figure:
    """Cumulated regret of the contenders, one world a panel; the worst go through the roof and are named there."""
    worlds = [world for world in TITLES if any(row["world"] == world for row in found["quality"])]
    figure, axes = plt.subplots(1, len(worlds), figsize=(4.9 * len(worlds), 5.0), squeeze=False)
    for axis, world in zip(axes[0], worlds):
        rows = [row for row in found["quality"] if row["world"] == world and row["column"] != "served"]
        panel(axis, world, rows)
    seeds = found["run"]["seeds"]
    head(figure, "What learning costs", "oO untuned, floor 0. Solid: as it comes. Dashed: tuned on another seed.")
    footer(figure, found, f"mean of {seeds} seeds, oO of ten at least, fewer where the table says so; "
           "band ± 1 standard deviation of several")
    figure.tight_layout(rect=(0, 0.03, 1, 0.90), w_pad=2.5)
    return figure


def panel(axis: Axes, world: str, rows: Sequence[Row]) -> None:
    name, what = TITLES[world]
    axis.set_title(name, loc="left", fontweight="bold", fontsize=11, pad=16)
    axis.text(0, 1.02, what, transform=axis.transAxes, fontsize=8.5, color="#555555")
    last = max(row["times"][-1] for row in rows)
    good = sorted(row["regret"] for row in rows)
    # Somewhat above twice the median: the best can be told apart, the worst leave the picture.
    roof = 1.08 * min(good[-1], 2.2 * good[len(good) // 2])
    ends = []
    for row in sorted(rows, key=lambda row: (row["peer"] == OURS, -row["regret"])):
        ours, tuned = row["peer"] == OURS, row["column"] == "tuned"
        auto = row["label"] == "oO auto"
        colour = OTHER if ours and not auto else COLOURS[row["peer"]]
        line = {"color": colour, "lw": 2.4 if auto else 1.3, "ls": "--" if tuned else "-"}
        axis.plot(row["times"], row["curve"], zorder=5 if ours else 3, solid_capstyle="round", **line)
        if row["seeds"] > 1:
            low = [a - b for a, b in zip(row["curve"], row["band"])]
            high = [a + b for a, b in zip(row["curve"], row["band"])]
            axis.fill_between(row["times"], low, high, color=colour, alpha=0.16 if ours else 0.09, lw=0, zorder=2)
        text = row["label"].replace(" LinUCBDisjoint", "").replace("contextualbandits LinUCB", "contextualbandits")
        ends.append((row["curve"][-1], text + (", tuned" if tuned else ""), colour, ours))
    axis.set(xlim=(0, last), ylim=(0, roof))
    axis.set_xlabel("rounds")
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axis.xaxis.set_major_locator(plt.MaxNLocator(4))
    axis.grid(axis="y", color=FAINT, lw=0.6, zorder=0)
    names(axis, last, roof, ends)


def names(axis: Axes, last: float, roof: float, ends: Sequence[tuple[float, str, str, bool]]) -> None:
    """Each line's name at its end; those that would overlap are moved apart, those above the roof are listed there."""
    gap = roof * 0.042
    inside = sorted(end for end in ends if end[0] <= roof)
    outside = sorted((end for end in ends if end[0] > roof), reverse=True)
    heights = spread([end[0] for end in inside], gap, roof - gap * (len(outside) + 0.5))
    heights += [roof - gap * place for place in range(len(outside))]
    for (value, text, colour, ours), height in zip([*inside, *outside], heights):
        axis.annotate(
            f"{text}  {value:,.0f}" + (" ↑" if value > roof else ""), (last, min(value, roof)), (last * 1.03, height),
            fontsize=7.5, fontweight="bold" if ours else "normal", color=colour, va="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.5, "alpha": 0.6, "shrinkA": 0, "shrinkB": 0,
                        "relpos": (0, 0.5)},
        )


def spread(values: Sequence[float], gap: float, roof: float) -> list[float]:
    """`values`, ascending, moved apart to `gap` at least and kept below `roof`."""
    groups: list[list[float]] = []
    for value in values:
        groups.append([value])
        while len(groups) > 1 and places(groups[-2], gap)[-1] + gap > places(groups[-1], gap)[0]:
            groups[-2:] = [groups[-2] + groups[-1]]
    out = [place for group in groups for place in places(group, gap)]
    over = max(0.0, out[-1] - roof) if out else 0.0
    if over:
        for place in range(len(out) - 1, -1, -1):
            most = roof if place == len(out) - 1 else out[place + 1] - gap
            out[place] = min(out[place], most)
    return out


def places(group: Sequence[float], gap: float) -> list[float]:
    """The values of a group around their mean, `gap` apart."""
    middle = sum(group) / len(group)
    return [middle + gap * (place - (len(group) - 1) / 2) for place in range(len(group))]


def latency(found: Row) -> Figure:
    """Choose + update by arms, by columns, and oO's whole grid; shared models above, a model an arm below."""
    figure, axes = plt.subplots(2, 3, figsize=(14, 8.4))
    for line, (kind, words) in enumerate((("shared", "one model"), ("disjoint", "a model an arm"))):
        rows = [row for row in found["latency"] if row["kind"] == kind]
        by_arms = [row for row in rows if row["dim"] == FIXED_DIM]
        by_dim = [row for row in rows if row["arms"] == FIXED_ARMS]
        noun = "candidates" if kind == "shared" else "arms"
        curves(axes[line][0], by_arms, "arms", noun, f"{words}, by {noun} (d = {FIXED_DIM})", peer_line, "label")
        curves(axes[line][1], by_dim, "dim", "d", f"{words}, by d ({FIXED_ARMS} {noun})", peer_line, "label")
        own = [row for row in rows if row["peer"] == OURS]
        curves(axes[line][2], own, "arms", noun, f"{words}, oO alone, by {noun} and d", dim_line, "dim")
    head(figure, "What a round costs", "From Python: choose + update, p50, one thread, conversions included.")
    footer(figure, found, "µs, both scales logarithmic")
    figure.tight_layout(rect=(0, 0.03, 1, 0.93), h_pad=2.5, w_pad=2.0)
    return figure


def curves(axis: Axes, rows: Sequence[Row], by: str, noun: str, title: str, style: Callable[[Row], dict[str, Any]],
           key: str) -> None:
    axis.set_title(title, loc="left", fontsize=9.5, fontweight="bold")
    axis.set(xscale="log", yscale="log", xlabel=noun)
    axis.grid(color=FAINT, lw=0.6, zorder=0)
    ends = []
    for name in dict.fromkeys(row[key] for row in rows):
        line = sorted((row for row in rows if row[key] == name), key=lambda row: row[by])
        kind = style(line[0])
        label = kind.pop("label")
        axis.plot([row[by] for row in line], [row["round_us"] for row in line], marker="o", ms=3.5, **kind)
        ends.append((line[-1][by], line[-1]["round_us"], label, kind["color"], line[0]["peer"] == OURS))
    values = sorted({row[by] for row in rows})
    axis.set_xticks(values, [f"{value:,}" for value in values])
    axis.xaxis.set_minor_locator(plt.NullLocator())
    axis.yaxis.set_major_formatter(lambda value, _: duration(value))
    if not ends:
        return
    # Names stand at their line's end, moved apart among the lines that end at the same place.
    low, high = (math.log10(value) for value in axis.get_ylim())
    for right in {end[0] for end in ends}:
        there = sorted((math.log10(end[1]), *end[2:]) for end in ends if end[0] == right)
        heights = spread([end[0] for end in there], (high - low) * 0.05, high)
        for (_, label, colour, ours), height in zip(there, heights):
            axis.annotate(label, (right, 10**height), (6, 0), textcoords="offset points", fontsize=7.5, color=colour,
                          va="center", fontweight="bold" if ours else "normal", annotation_clip=False)


def peer_line(row: Row) -> dict[str, Any]:
    ours = row["peer"] == OURS
    width, above = (2.4, 5) if ours else (1.4, 3)
    return {"color": COLOURS[row["peer"]], "lw": width, "label": row["label"], "zorder": above}


def dim_line(row: Row) -> dict[str, Any]:
    share = DIMS.index(row["dim"]) / (len(DIMS) - 1) if row["dim"] in DIMS else 0.0
    return {"color": plt.get_cmap("RdPu")(0.45 + 0.5 * share), "lw": 1.8, "label": f"d = {row['dim']}", "zorder": 3}


def duration(us: float) -> str:
    if us >= 1e6:
        return f"{us / 1e6:g} s"
    return f"{us / 1e3:g} ms" if us >= 1e3 else f"{us:g} µs"


def head(figure: Figure, title: str, words: str) -> None:
    height = figure.get_size_inches()[1]
    figure.text(0.012, 1 - 0.27 / height, title, fontsize=14, fontweight="bold", va="center")
    figure.text(0.012, 1 - 0.52 / height, words, fontsize=9, color="#555555", va="center")
