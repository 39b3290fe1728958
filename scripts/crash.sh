#!/usr/bin/env bash
# `make test-crash`: the tests that kill processes, in their long form.
# They are the Rust tests with `crash` in their names; `make test` runs the short form.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

scripts/bootstrap.sh ready
. "$ROOT/scripts/cargo.sh"
scripts/page.sh
export OO_LONG=1
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run "${TESTED[@]}" --profile long crash
else
  cargo test "${TESTED[@]}" --lib --bins --tests crash
fi
