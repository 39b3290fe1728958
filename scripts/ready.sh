#!/usr/bin/env bash
# `make ready`: the quick half of `make test`, to run before a commit.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/stages.sh"
cd "$ROOT"

stage bootstrap - scripts/bootstrap.sh ready
require bootstrap
stage house - scripts/house.sh
require bootstrap
stage fmt - cargo fmt --all --check
require bootstrap
stage arrows - python3 scripts/arrows.py
require bootstrap
stage clippy - scripts/clippy.sh
require bootstrap
stage unit - scripts/rust.sh unit
require bootstrap unit
stage generated - scripts/generate.sh --check
