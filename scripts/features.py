"""Each feature of each package alone: `cargo check` without any, then with one
at a time. A warning counts as a failure, since code that only another feature
uses shows up as one. The bindings' features are those of their hosts: checked too.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def packages() -> list[dict]:
    done = subprocess.run(
        ["cargo", "metadata", "--format-version=1", "--no-deps", "--locked"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return sorted(json.loads(done.stdout)["packages"], key=lambda package: package["name"])


def check(package: str, features: list[str]) -> list[str]:
    """What the compiler says of one package with these features only."""
    done = subprocess.run(
        ["cargo", "check", "--quiet", "--locked", "--package", package, "--no-default-features"]
        + ["--features", ",".join(features), "--message-format=json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-message":
            said.append(message["message"]["rendered"])
    if done.returncode != 0 and not said:
        said.append(done.stderr)
    return said


def main() -> int:
    failed = 0
    for package in packages():
        features = [[name] for name in package["features"] if name != "default"]
        for alone in [[], *features]:
            said = check(package["name"], alone)
            what = f"{package['name']} with {', '.join(alone) or 'no feature'}"
            print(f"{'FAILED ' if said else 'ok     '} {what}", flush=True)
            if said:
                failed += 1
                print("\n".join(said), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
