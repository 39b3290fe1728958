#!/usr/bin/env bash
# The Python package: built into .venv with its testing door, its stub compared, its tests run.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
. "$ROOT/scripts/generated.sh"

build_python
for stub in "${PYTHON_STUBS[@]}"; do unchanged "$stub" generate_python_stub; done
cd "$ROOT/bindings/python"
"$VENV/bin/python" -m pytest --quiet
