#!/usr/bin/env bash
# Every example is run as a newcomer would, in an empty folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
. "$ROOT/scripts/sandbox.sh"

ran=0
for example in "$ROOT"/examples/*.rs "$ROOT"/examples/rust/*.rs "$ROOT"/examples/*/*.py "$ROOT"/examples/*.py \
  "$ROOT"/examples/*/*.mjs "$ROOT"/examples/*/*.ts "$ROOT"/examples/*.mjs "$ROOT"/examples/*.ts; do
  [ -f "$example" ] || continue
  case "$example" in
    *.d.ts) continue ;;
    *.rs)
      program="$ROOT/target/debug/examples/$(basename "$example" .rs)"
      [ -x "$program" ] || die "${example#"$ROOT/"} was not built: is it an example of a workspace package?"
      command=("$program")
      ;;
    *.py) command=("$VENV/bin/python" "$example") ;;
    *.mjs | *.ts) command=(run_script "$example") ;;
  esac
  say "${example#"$ROOT/"}"
  in_sandbox "${command[@]}"
  ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || absent "examples has no example yet"
say "$ran examples ran"
