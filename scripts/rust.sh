#!/usr/bin/env bash
# Rust's tests. `rust.sh unit` leaves out the integration tests.
# Builds examples and commands on the way: later stages use them from target/debug.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
cd "$ROOT"

scripts/page.sh
# Cargo builds a command for the tests only of packages with integration tests: this makes sure of all, and of the examples.
[ "${1:-}" = unit ] || cargo build "${TESTED[@]}" --lib --bins --tests --examples

if cargo nextest --version >/dev/null 2>&1; then
  run=(cargo nextest run "${TESTED[@]}" --no-fail-fast)
  if [ -n "${OO_LONG:-}" ]; then run+=(--profile long); fi
  if [ "${1:-}" = unit ]; then run+=(--lib --bins); fi
else
  run=(cargo test "${TESTED[@]}" --no-fail-fast --lib --bins)
  if [ "${1:-}" != unit ]; then run+=(--tests --examples); fi
  # The figures that long forms print.
  if [ -n "${OO_LONG:-}" ]; then run+=(-- --nocapture); fi
fi
"${run[@]}"
