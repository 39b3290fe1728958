#!/usr/bin/env bash
# The page in a real browser, against the server that the tests start.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"

cd "$ROOT/tests/browser"
npm test
