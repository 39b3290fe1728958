#!/usr/bin/env bash
# The Node package: built with its testing door, its types compared, its tests run.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
. "$ROOT/scripts/generated.sh"

# The build writes the types: one build is both.
unchanged "$NODE_TYPES" build_node
cd "$ROOT/bindings/node"
npm test
