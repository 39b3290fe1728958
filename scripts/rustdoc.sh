#!/usr/bin/env bash
# The documentation of our own packages, warnings denied.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
cd "$ROOT"

scripts/page.sh
RUSTDOCFLAGS="-D warnings" cargo doc "${EVERYTHING[@]}" --no-deps
