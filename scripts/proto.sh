#!/usr/bin/env bash
# The event schema: well written, and understood by whoever reads the last released one (tests/fixtures/proto/released),
# which is that of the last tag.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

released="$ROOT/tests/fixtures/proto/released"
cd "$ROOT"
tag="$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || true)"
if [ -n "$tag" ]; then
  there="$(mktemp -d)"
  trap 'rm -rf "$there"' EXIT
  git archive "$tag" proto/oo | tar -x -C "$there"
  diff -r "$there/proto/oo" "$released/oo" ||
    die "tests/fixtures/proto/released is not the schema of $tag: a release copies proto/oo into it, and nothing else changes it"
else
  say "no version was tagged yet: nothing says what tests/fixtures/proto/released has to be"
fi

cd "$ROOT/proto"
buf=node_modules/.bin/buf
[ -x "$buf" ] || die "buf is not here: run scripts/bootstrap.sh ready"
"$buf" lint
"$buf" breaking --against "$released"
say "the event schema is well written and breaks nothing"
