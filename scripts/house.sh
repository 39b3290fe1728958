#!/usr/bin/env bash
# House rules: words, file lengths, `unsafe`, and the scripts' own linter.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

python3 scripts/house.py
PYTHONPATH=benches python3 -m peers.readme --check
shellcheck --external-sources scripts/*.sh scripts/bootstrap/*.sh .ci/run
