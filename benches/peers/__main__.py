"""`python -m peers`: the whole comparison in one run.

    --short           every adapter for a moment, into a folder of its own: does it all run?
    --seeds N         worlds a contender learns (5; oO ten)
    --only PART…      speed, rust, http, large, users, latency, quality; the rest is taken from the last run's file
    --out FOLDER      where results go (benches/results)
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from peers import crew, data, machine, native, plots, readme, results, table, wire
from peers.contender import ALL, QUALITY
from peers.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("speed", "rust", "http", "large", "users", "latency", "quality")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def jobs(name: str, todo: list[crew.Job], width: int) -> list[tuple[crew.Job, dict[str, Any]]]:
    """Runs the jobs of one part and tells how it goes."""
    started, ended = time.monotonic(), 0

    def done(job: crew.Job, answer: dict[str, Any]) -> None:
        nonlocal ended
        ended += 1
        where = job.get("world") or f"{job['kind']} {job['arms']}×{job['dim']}"
        how = answer.get("failed") or answer.get("unsupported")
        told = {"round_us": "µs", "held_mb": "MB"}
        said = next((f": {answer[key]:.1f} {unit}" for key, unit in told.items() if key in answer), "")
        how = f": {how}" if how else said
        say(f"  {name} {ended}/{len(todo)}  {time.monotonic() - started:5.0f} s  {job['label']}, {where}{how}")

    return crew.run(todo, width, done)


def attempt(name: str, measure: Any) -> Any:
    """What `measure` finds, or None and its reason."""
    try:
        return measure(), None
    except Exception as error:  # noqa: BLE001 - a part that fails must not take the others along
        say(f"  {name} failed: {error}")
        return None, {"do": name, "label": name, "world": "", "failed": f"{type(error).__name__}: {error}"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="peers", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    out = asked.out or ROOT / ("test-artifacts/peers" if asked.short else "benches/results")
    command = "make test-peers" if asked.short else "make bench-peers"

    started = time.monotonic()
    data.prepare(ROOT / "test-artifacts" / "peers" / "data")
    plan = Plan(seeds=1 if asked.short else asked.seeds, short=asked.short)
    place = out / "peers.json"
    found = json.loads(place.read_text()) if place.exists() and set(asked.only) != set(PARTS) else {}
    lost = [row for row in found.get("missing", []) if row["do"] not in asked.only]
    found["run"] = machine.described(command)
    cores = os.cpu_count() or 1

    for part in (part for part in PARTS if part in asked.only):
        say(f"{part}:")
        if part in ("rust", "http"):
            seconds = 0.1 if asked.short else 3.0
            measure = (lambda: native.bandits(seconds)) if part == "rust" else (lambda: wire.run(seconds, 3))
            said, failure = attempt(part, measure)
            found[part] = said if said is not None else ([] if part == "rust" else {})
            lost += [failure] if failure else []
            continue
        # Times are taken alone; learning is only counted, so that every core may work.
        width = cores if part == "quality" else 1
        todo = getattr(plan, part)()
        good, missing = results.rows(jobs(part, todo, width))
        lost += missing
        if part == "quality":
            good = in_order(results.quality(good))
            lost += plan.left_out() + plan.unlearned(good)
        found[part] = good

    found["missing"] = lost
    for part in PARTS:
        found.setdefault(part, {} if part == "http" else [])
    found["figures"] = results.figures(found["speed"], found["rust"], found["http"], found["quality"])
    versions = {row["peer"]: row["version"] for row in found["speed"]}
    found["run"] |= {"versions": versions, "seeds": plan.seeds, "seconds": round(time.monotonic() - started)}
    results.write(dict(sorted(found.items(), key=lambda item: ORDER.index(item[0]))), place)
    plots.draw(found, out)
    for made in (table.speed, table.rust, table.http, table.large, table.quality, table.figures):
        print(table.text(made(found)))
    for row in lost:
        if "failed" in row:
            print(f"failed: {row['do']} of {row['label']} {row.get('world', '')}: {row['failed']}")
    say(f"written to {place} in {found['run']['seconds']} s")
    if not asked.short and set(asked.only) == set(PARTS):
        results.merge_into_bench(found["figures"], ROOT / "benches" / "results" / "bench.json")
        readme.write(found, ROOT / "README.md")
    if asked.short:
        # A test: whatever failed fails it, and times of an unoptimised build are no figures.
        return 1 if any("failed" in row for row in lost) else 0
    missed = [name for name, figure in found["figures"].items() if not figure["met"]]
    if missed:
        say(f"bars missed: {', '.join(missed)}")
    return 1 if missed else 0


ORDER = ("run", "figures", "speed", "rust", "http", "large", "users", "quality", "latency", "missing")


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of learning in the order of the plan, as jobs end in any."""
    places = {(one.label, one.column): place for place, one in enumerate(QUALITY)}
    worlds = {world: place for place, world in enumerate(ALL)}
    return sorted(rows, key=lambda row: (places[row["label"], row["column"]], worlds[row["world"]]))


if __name__ == "__main__":
    sys.exit(main())
