#!/usr/bin/env bash
# Rewrites everything that is generated and committed: openapi.json, the page's
# types, Python's stub, Node's types. With --check, fails when one of them changed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
. "$ROOT/scripts/generated.sh"
cd "$ROOT"

make_one() { if [ "${mode:-}" = --check ]; then unchanged "$@"; else "${@:2}"; fi; }
mode="${1:-}"

[ "$mode" = --check ] || scripts/bootstrap.sh ready
scripts/page.sh
if [ -f oo-server/src/main.rs ]; then
  # `--examples` turns the features of the dev-dependencies on, as the tests do: nothing is built twice.
  cargo build "${TESTED[@]}" --lib --bins --examples
  make_one openapi.json generate_openapi
fi
if [ -f oo-server/web/package.json ] && [ -f openapi.json ]; then make_one "$PAGE_TYPES" generate_page_types; fi
if [ -f bindings/python/pyproject.toml ]; then
  build_python
  for stub in "${PYTHON_STUBS[@]}"; do make_one "$stub" generate_python_stub; done
fi
if [ -f bindings/node/package.json ]; then make_one "$NODE_TYPES" build_node; fi
say "generated files are up to date"
