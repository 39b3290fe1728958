#!/usr/bin/env bash
# The examples in Rust's documentation, the README's among them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
cd "$ROOT"

cargo test "${TESTED[@]}" --doc --no-fail-fast
