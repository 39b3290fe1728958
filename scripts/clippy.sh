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
# A workspace of its own: nothing else would notice that it does not build any more.
cargo clippy --locked --manifest-path fuzz/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}" -- -D warnings
