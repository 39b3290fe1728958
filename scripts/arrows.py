"""The one arrow: which of our packages may depend on which, and what must not
be found below each, at any depth, with every feature on. Also: what is only for
tests (`testing`) is not reachable from a release of the server or a binding.

Reads `cargo metadata` and `cargo tree`; prints every breach; exits 1 if there is one.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A package may depend on packages of an earlier row only.
ROWS = [
    # `oo-unify` has no code: the features that test builds share.
    {"oo-core", "oo-unify"},
    {"oo-policies", "oo-llm", "oo-store"},
    {"oo-engine"},
    None,  # the server, the bindings, examples, benches: whatever is not named above
]

HTTP = {"hyper", "axum", "reqwest", "tower-http", "ureq"}
SQL = {"rusqlite", "libsqlite3-sys", "sqlx", "tokio-postgres"}
FFI = {"pyo3", "napi"}
# Package → crates that must not be found below it.
KEPT_OUT = {
    "oo-core": HTTP | SQL | FFI | {"tokio", "prost", "tracing-subscriber"},
    "oo-policies": HTTP | SQL | FFI | {"tokio", "prost", "tracing-subscriber"},
    "oo-llm": SQL | FFI | {"axum", "tower-http"},
    "oo-store": HTTP | FFI,
    "oo-engine": FFI | {"axum", "tower-http"},
    "oo-server": FFI,
}
BINDINGS_KEPT_OUT = {"axum", "tower-http"}


def cargo(*arguments: str) -> str:
    done = subprocess.run(["cargo", *arguments, "--locked"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def row_of(name: str) -> int:
    return next((at for at, row in enumerate(ROWS) if row and name in row), len(ROWS) - 1)


def below(package: str) -> set[str]:
    """The names of every crate that a package is built from, with all its features."""
    tree = cargo("tree", "--package", package, "--all-features", "--edges", "normal", "--prefix", "none", "--format", "{p}")
    return {line.split()[0] for line in tree.splitlines() if line.strip()} - {package}


def released_features(package: str) -> str:
    return cargo("tree", "--package", package, "--edges", "normal,features", "--prefix", "none")


def breaches() -> list[str]:
    packages = json.loads(cargo("metadata", "--format-version=1", "--no-deps"))["packages"]
    ours = {package["name"]: package for package in packages}
    found = []

    for name, package in ours.items():
        for dependency in package["dependencies"]:
            target = dependency["name"]
            if dependency["kind"] is None and target in ours and row_of(target) >= row_of(name):
                found.append(f"{name} → {target}: the arrow points the other way, or sideways")

        in_bindings = "bindings" in Path(package["manifest_path"]).parts
        kept_out = KEPT_OUT.get(name, BINDINGS_KEPT_OUT if in_bindings else set())
        if kept_out:
            found += [f"{name} must not contain {crate}" for crate in sorted(below(name) & kept_out)]

        if name == "oo-server" or in_bindings:
            for line in released_features(name).splitlines():
                if line.startswith("oo-") and 'feature "testing"' in line:
                    found.append(f"{name}: a release build would contain {line.strip()}")
    return found


def main() -> int:
    found = breaches()
    print("\n".join(dict.fromkeys(found)) if found else "every arrow points one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
