"""What a run found, gathered into one document, `benches/results/peers.json`.

    run       date, machine, command, versions, seconds
    figures   the named ratios, each with its bar
    speed     a row a contender and world: µs of choose, update and both, MB
    quality   a row a contender, column and world: mean and standard error over seeds, and the curve
    latency   a row a contender, kind and size
    rust      a row a crate, size and number of lessons an arm
    large     a row a contender: speed with a thousand arms of 512 columns
    users     a row a contender: memory of a model a user
    http      requests a second of both servers
    missing   what failed or does not exist, each with its reason
"""

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from peers.contender import MEASURE, OURS
from peers.crew import Job

Row = dict[str, Any]
BARS = {
    "python_vs_vw_ratio": ("least", 60.0),
    "python_vs_best_peer_ratio": ("least", 10.0),
    "disjoint_100x32_vs_trashpanda": ("most", 0.5),
    "disjoint_100x128_vs_trashpanda": ("most", 0.6),
    "http_vs_fastapi_ratio": ("least", 12.0),
}
LEARNED = {
    "digits": ("least", 0.922),
    "wine": ("least", 0.963),
    "cancer": ("least", 0.968),
    "lin": ("most", 1720.0),
    "shared": ("most", 190.0),
}
"""What `auto` must learn, untuned: average reward or regret."""


def rows(answers: list[tuple[Job, Row]]) -> tuple[list[Row], list[Row]]:
    """The jobs that answered, with what they were, and those that did not, with their reason."""
    good, missing = [], []
    for job, answer in answers:
        about = {key: value for key, value in job.items() if key not in ("deadline", "seconds", "limit")}
        if "failed" in answer or "unsupported" in answer:
            missing.append(about | answer)
        else:
            good.append(about | answer)
    return good, missing


def quality(good: list[Row]) -> list[Row]:
    """Runs of one contender on one world as one row: means, standard errors, and the curve with its band."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    about: dict[tuple[str, str, str], Row] = {}
    for row in good:
        key = (row["label"], row["column"], row["world"])
        groups[key] += row["runs"]
        about[key] = {name: row[name] for name in ("peer", "label", "column", "world", "settings")}
    out = []
    for key, runs in groups.items():
        curves = np.array([run["curve"] for run in runs])
        said: Row = {"seeds": len(runs), "rounds": runs[0]["rounds"], "seconds": sum(run["seconds"] for run in runs)}
        for name in ("reward", "last_1000", "regret"):
            values = np.array([run[name] for run in runs])
            error = float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None
            said[name], said[f"{name}_se"] = float(values.mean()), error
        spread = curves.std(axis=0, ddof=1) if len(runs) > 1 else np.zeros(curves.shape[1])
        said["times"] = runs[0]["times"]
        said["curve"] = [round(float(value), 2) for value in curves.mean(axis=0)]
        said["band"] = [round(float(value), 2) for value in spread]
        out.append(about[key] | said)
    return out


def figures(speed: list[Row], rust: list[Row], http: Row, learned: list[Row]) -> dict[str, Row]:
    """The named ratios. What they are made of may be missing; then they are, too.

    Python's are of oO's default policy, choose + update on `shared`.
    """
    found: dict[str, float] = {}
    shared = [row for row in speed if row["world"] == "shared"]
    ours = next((row for row in shared if row["peer"] == OURS), None)
    theirs = [row for row in shared if row["peer"] != OURS]
    vowpal = next((row for row in theirs if row["label"] == "VW squarecb"), None)
    others = [row["round_us"] for row in theirs if row["peer"] != "Vowpal Wabbit"]
    if ours and vowpal:
        found["python_vs_vw_ratio"] = vowpal["round_us"] / ours["round_us"]
    if ours and others:
        found["python_vs_best_peer_ratio"] = min(others) / ours["round_us"]
    for row in rust:
        name = f"disjoint_{row['arms']}x{row['dim']}_vs_trashpanda"
        # More lessons than columns: with fewer oO's arms are their lessons, which is quicker and no fair bar.
        if row["peer"] == "trashpanda" and name in BARS and row["lessons"] > row["dim"]:
            found[name] = row["ours_to_its_choose"]
    if "ratio" in http:
        found["http_vs_fastapi_ratio"] = http["ratio"]
    said = {
        name: {"value": found.get(name), "unit": "x", "bar": bar, "at": at, "met": met(found.get(name), at, bar)}
        for name, (at, bar) in BARS.items()
    }
    for name in ("python_vs_vw_ratio", "python_vs_best_peer_ratio"):
        said[name]["of"] = ours["label"] if ours else None
    own = {row["world"]: row for row in learned if row["label"] == "oO auto" and row["column"] == "default"}
    for world, (at, bar) in LEARNED.items():
        value = own[world][MEASURE[world]] if world in own else None
        said[f"auto_{world}"] = {
            "value": value, "unit": MEASURE[world], "bar": bar, "at": at, "met": met(value, at, bar),
        }
    return said


def met(value: float | None, at: str, bar: float) -> bool:
    return value is not None and (value >= bar if at == "least" else value <= bar)


def write(found: Row, place: Path) -> None:
    """The document; numbers of a curve stay on one line."""
    text = json.dumps(found, indent=1, ensure_ascii=False)
    out, open_ = [], False
    for line in text.splitlines():
        bare = line.strip()
        if open_:
            out[-1] += bare if bare.startswith("]") else (" " if not out[-1].endswith("[") else "") + bare
            open_ = not bare.startswith("]")
            continue
        out.append(line)
        open_ = bare.endswith(('"times": [', '"curve": [', '"band": ['))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(out) + "\n")


def merge_into_bench(found: dict[str, Row], place: Path) -> None:
    """Puts the named ratios among the figures of `make bench`."""
    kept = json.loads(place.read_text()) if place.exists() else {}
    for name, figure in found.items():
        if figure["value"] is not None:
            kept[name] = {"bar": figure["bar"], "unit": figure["unit"], "value": figure["value"]}
    place.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n")
