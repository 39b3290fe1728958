#!/usr/bin/env bash
# openapi.json is what the server says of itself.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
. "$ROOT/scripts/generated.sh"

unchanged openapi.json generate_openapi
