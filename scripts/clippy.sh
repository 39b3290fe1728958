#!/usr/bin/env bash
# Clippy over every package and target, warnings denied.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
cd "$ROOT"

scripts/page.sh
cargo clippy "${EVERYTHING[@]}" --all-targets -- -D warnings
