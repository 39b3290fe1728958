"""House rules that no linter knows: words that only mean something on one
machine, files that outgrew their noun, and `unsafe` outside the places that
were audited. Prints every breach with its place; exits 1 if there is one.

The exceptions are lists beside this file, a path and a reason a line
(`path  # reason`); an entry that is no longer needed is a breach too.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
CODE = {".rs", ".py", ".ts", ".js", ".mjs", ".cjs", ".svelte", ".css", ".html", ".sh"}
GENERATED = (".d.ts", ".d.cts", ".d.mts", ".pyi")
# Written by package managers, not by us: cargo's names its registry by design.
NOT_OURS = {"Cargo.lock", "benches/peers/rust/Cargo.lock", "fuzz/Cargo.lock"}

FORBIDDEN = [
    (re.compile(r"(?<![\w./-])/(?:work|root|farm)(?=/|\b)"), "a path of one machine"),
    (re.compile(r"(?<![\w./-])/(?:home|Users)/[a-z]\w*/"), "a path of one machine"),
    (
        re.compile(
            r"\b(?:crates[.]io|pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|deb[.]debian[.]org)\b"
        ),
        "the host of a package registry (in package-lock.json: npm install --omit-lockfile-registry-resolved)",
    ),
]
UNSAFE = re.compile(r"\bunsafe\s*(?:\{|fn\b|impl\b|trait\b|extern\b|\()")
COMMENT = re.compile(r"^\s*//")


def files() -> list[str]:
    """Every file that is or could be committed, as paths from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def exceptions(name: str) -> tuple[dict[str, str], list[str]]:
    """The listed exceptions of a rule, and the complaints about the list itself."""
    allowed: dict[str, str] = {}
    complaints = []
    for number, line in enumerate((ROOT / "scripts" / name).read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        path, _, reason = line.partition("#")
        if not reason.strip():
            complaints.append(f"scripts/{name}:{number}: no reason given")
        allowed[path.strip()] = reason.strip()
    return allowed, complaints


def text_of(name: str) -> str | None:
    """The text of a file, or None for one that is not text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def breaches() -> list[str]:
    long_allowed, found = exceptions("long-files.txt")
    unsafe_allowed, more = exceptions("unsafe-files.txt")
    found += more
    long_seen, unsafe_seen = set(), set()

    for name in files():
        if name in NOT_OURS or (text := text_of(name)) is None:
            continue
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            for pattern, what in FORBIDDEN:
                if hit := pattern.search(line):
                    found.append(f"{name}:{number}: {hit.group()!r} is {what}")
            if name.endswith(".rs") and UNSAFE.search(line) and not COMMENT.match(line):
                unsafe_seen.add(name)
                if name not in unsafe_allowed:
                    found.append(f"{name}:{number}: `unsafe` outside the files of scripts/unsafe-files.txt")
        is_code = Path(name).suffix in CODE and not name.endswith(GENERATED)
        if is_code and len(lines) > LONGEST:
            long_seen.add(name)
            if name not in long_allowed:
                found.append(
                    f"{name}: {len(lines)} lines, at most {LONGEST}: one noun a file, "
                    "or a line in scripts/long-files.txt that says why not"
                )

    found += [f"scripts/long-files.txt: {name} is no longer long" for name in long_allowed.keys() - long_seen]
    found += [f"scripts/unsafe-files.txt: {name} has no `unsafe`" for name in unsafe_allowed.keys() - unsafe_seen]
    return found


def main() -> int:
    found = breaches()
    print("\n".join(found) if found else f"house rules hold in {len(files())} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
