"""Writes the snippets of our documents as files to run, into the folder given.

A fence of `python`, `ts`, `js` or `sh` becomes one file, named after its
document and line. Fences of one document that continue each other say so with
`<!-- snippet: continues -->` on the line before. One that cannot be run says
`<!-- snippet: not run, REASON -->`; a reason is required. Rust is not written:
the documents with Rust in them are included by a `#[doc = include_str!(…)]` and
run with the doctests; one that is not included is an error.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIX = {"python": ".py", "ts": ".ts", "typescript": ".ts", "js": ".mjs", "sh": ".sh", "bash": ".sh"}
FENCE = re.compile(r"^```(\w*)")
MARK = re.compile(r"<!--\s*snippet:\s*(continues|not run,\s*\S.*?)\s*-->")


def documents() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted({name for name in listed.split("\0") if name and "docs/adr/" not in name})


def fences(text: str):
    """(line, language, mark, code) of each fence."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        if opening := FENCE.match(lines[at]):
            start = at + 1
            at = start
            while at < len(lines) and not lines[at].startswith("```"):
                at += 1
            before = MARK.search(lines[start - 2]) if start > 1 else None
            yield start, opening.group(1), before.group(1) if before else None, "\n".join(lines[start:at]) + "\n"
        at += 1


def included_by_doctests(name: str) -> bool:
    """Whether some Rust source includes this document into its documentation."""
    sources = subprocess.run(
        ["git", "grep", "-l", "--untracked", "--fixed-strings", Path(name).name + '")', "--", "*.rs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout.split()
    for source in sources:
        for path in re.findall(r'include_str!\("([^"]+)"\)', (ROOT / source).read_text()):
            if ((ROOT / source).parent / path).resolve() == (ROOT / name).resolve():
                return True
    return False


def main() -> int:
    out = Path(sys.argv[1])
    complaints = []
    for name in documents():
        previous = None
        for line, language, mark, code in fences((ROOT / name).read_text()):
            if mark and mark.startswith("not run"):
                print(f"{name}:{line}: {mark}")
            elif language == "rust":
                if not included_by_doctests(name):
                    complaints.append(f"{name}:{line}: Rust that no doctest includes: #[doc = include_str!(…)]")
            elif language in SUFFIX:
                if mark == "continues" and previous:
                    with previous.open("a") as file:
                        file.write(code)
                    continue
                stem = f"{name.removesuffix('.md').replace('/', '-')}-{line:04}"
                previous = out / (stem + SUFFIX[language])
                previous.write_text(code)
    print(*complaints, sep="\n", end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
