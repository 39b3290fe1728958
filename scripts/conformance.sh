#!/usr/bin/env bash
# The conformance cases over HTTP, against the server that the runner starts.
# Rust, Python and Node run the same cases with their own tests.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"

cd "$ROOT/tests/conformance"
if [ -f package.json ]; then
  npm test
elif compgen -G '*.test.mjs' >/dev/null; then
  node --test
elif compgen -G 'test_*.py' >/dev/null; then
  "$VENV/bin/python" -m pytest --quiet .
else
  absent "tests/conformance has no runner over HTTP (package.json, *.test.mjs or test_*.py)"
fi
