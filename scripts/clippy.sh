#!/usr/bin/env bash
# Clippy over every package and target, warnings denied.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
cd "$ROOT"

scripts/page.sh
# Not --all-targets: that would also build the bindings as test programs, which they are not.
cargo clippy "${EVERYTHING[@]}" --lib --bins --tests --examples -- -D warnings
