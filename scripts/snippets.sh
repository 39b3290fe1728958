#!/usr/bin/env bash
# Every snippet of the READMEs and guides is run: see snippets.py for the rules.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
. "$ROOT/scripts/sandbox.sh"

list="$SANDBOX/snippets"
mkdir -p "$list"
python3 "$ROOT/scripts/snippets.py" "$list"
ran=0
for snippet in "$list"/*; do
  [ -f "$snippet" ] || continue
  say "snippet $(basename "$snippet")"
  case "$snippet" in
    *.py) in_sandbox "$VENV/bin/python" "$snippet" ;;
    *.ts | *.mjs) in_sandbox run_script "$snippet" ;;
    *.sh) in_sandbox bash -euo pipefail "$snippet" ;;
  esac
  ran=$((ran + 1))
done
say "$ran snippets ran"
