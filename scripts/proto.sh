#!/usr/bin/env bash
# The event schema: well written, and understood by whoever reads the last released one (tests/fixtures/proto/released).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT/proto"
buf=node_modules/.bin/buf
[ -x "$buf" ] || die "buf is not here: run scripts/bootstrap.sh ready"
"$buf" lint
"$buf" breaking --against ../tests/fixtures/proto/released
say "the event schema is well written and breaks nothing"
