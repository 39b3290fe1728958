"""Which crates the test builds of the bindings would build once more, because they have other features there than in the
rest of the workspace. What is printed costs time and nothing else."""

import subprocess
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WHOLE = ["--workspace", "--all-features", "--exclude", "oo-node", "--exclude", "oo-python", "--edges", "normal,build,dev"]


def features(*selection: str) -> dict[str, set[str]]:
    """Each crate of a selection with the sets of features it is built with."""
    command = ["cargo", "tree", "--locked", "--prefix", "none", "--format", "{p}|{f}", *selection]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        crate, _, said = line.replace(" (*)", "").partition("|")
        found[crate.split(" (")[0]].add(said)
    return found


def main() -> None:
    whole = features(*WHOLE)
    for binding in ("oo-python", "oo-node"):
        alone = features("--package", binding, "--features", "testing", "--edges", "normal,build")
        for crate, said in sorted(alone.items()):
            if crate in whole and not said <= whole[crate]:
                print(f"{binding}: {crate} {sorted(said)}, else {sorted(whole[crate])}")


if __name__ == "__main__":
    main()
