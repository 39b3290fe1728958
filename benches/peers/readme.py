"""The README's section between two markers, written from a run's document so that it cannot drift.

`python -m peers.readme` writes it again from benches/results/peers.json; with `--check` it only says whether it would
change.
"""

import json
import sys
from pathlib import Path
from typing import Any

from peers import table

BEGIN = "<!-- peers: written by benches/peers/readme.py from benches/results/peers.json -->"
END = "<!-- /peers -->"
ROOT = Path(__file__).resolve().parents[2]


def section(found: dict[str, Any]) -> str:
    """The Markdown of a run."""
    run = found["run"]
    versions = ", ".join(f"{peer} {version}" for peer, version in run["versions"].items())
    said = found["figures"]
    parts = [
        f"`{run['command']}` measured this on {run['date']} in one run: {run['machine']}, Python {run['python']}; "
        f"{versions}. Each library ran in a process of its own, on one thread, with its own interface, and is timed with "
        "the conversions it needs.",
        "![regret of oO and its peers over three worlds](benches/results/regret.png)",
        lesson("learning", found),
        table.markdown(table.quality(found)),
        lesson("speed", found),
        table.markdown(table.speed(found)),
        sentence(said),
    ]
    if found.get("large") or found.get("users"):
        parts.append("Larger: every arm was given more lessons than columns unless its line says otherwise, for of few "
                     "lessons oO keeps the lessons. In brackets multiples of oO's.")
        parts.append(table.markdown(table.large(found)))
    if found["rust"]:
        parts.append("Beside Rust crates, µs of choose / update and, in brackets, oO's choose as a share of theirs; with "
                     "fewer lessons than columns oO keeps an arm of 128 columns as its lessons, the crates do not:")
        parts.append(table.markdown(table.rust(found)))
    if whys := table.reasons(found):
        parts.append("Empty cells: " + "; ".join(whys) + ".")
    parts.append("The curves by arms and columns are in [latency.svg](benches/results/latency.svg), everything else, "
                 "failures included, in [peers.json](benches/results/peers.json).")
    return "\n\n".join(part for part in parts if part)


def lesson(part: str, found: dict[str, Any]) -> str:
    """What a reader must know before a table."""
    if part == "learning":
        return (
            f"Learning, mean ± standard error over {found['run']['seeds']} seeds unless a cell says otherwise; average "
            "reward is better higher, regret lower; in brackets the loss, errors or regret, as a multiple of `auto`'s. "
            "oO is never tuned. The peers stand as they come, and *tuned*: the best of a search on another seed, world by world "
            "(`benches/peers/search.py`; a dash: nothing better found, or too slow to be searched there: coba but for wine and "
            "cancer, river on lin and shared, contextualbandits on lin). The served default "
            "keeps a floor of 5 % under every probability, which costs what its line says and is what makes a log worth "
            "evaluating."
        )
    return (
        "Speed from Python, p50 in µs of choose / update, in brackets choose + update, and the most memory, as multiples of "
        "oO's. On "
        "*shared*, MABWiser, contextualbandits and river have no such bandit: the regression inside them is used."
    )


def sentence(figures: dict[str, Any]) -> str:
    """The ratios in words, as far as they were measured."""
    words = {
        "python_vs_vw_ratio": "a round on *shared* is {:.0f} times as fast as Vowpal Wabbit's squarecb",
        "python_vs_best_peer_ratio": "{:.0f} times as fast as the next best library",
        "http_vs_fastapi_ratio": "`POST /api/decide` answers {:.1f} times the requests of a FastAPI + numpy scorer",
    }
    said = [text.format(figures[name]["value"]) for name, text in words.items() if figures[name]["value"] is not None]
    return f"In this run {', '.join(said)}." if said else ""


def replaced(text: str, found: dict[str, Any]) -> str:
    """`text` with the section of this run."""
    head, found_begin, rest = text.partition(BEGIN)
    _, found_end, tail = rest.partition(END)
    if not (found_begin and found_end):
        raise ValueError(f"the README has no {BEGIN} … {END}; put both lines where the section belongs")
    return f"{head}{BEGIN}\n\n{section(found)}\n\n{END}{tail}"


def write(found: dict[str, Any], place: Path) -> None:
    """Puts the section into the README."""
    place.write_text(replaced(place.read_text(), found))


def main() -> int:
    run = ROOT / "benches" / "results" / "peers.json"
    if not run.exists():
        return 0
    found = json.loads(run.read_text())
    place = ROOT / "README.md"
    if "--check" not in sys.argv:
        write(found, place)
        return 0
    if replaced(place.read_text(), found) == place.read_text():
        return 0
    print("the README's table is not that of benches/results/peers.json: run `python -m peers.readme`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
