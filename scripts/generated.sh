# shellcheck shell=bash
# Generated files: committed, so that a reader and an editor have them, and
# compared with a fresh generation, so that they never drift. Sourced after lib.sh.

PAGE_TYPES=oo-server/web/src/api.d.ts
NODE_TYPES=bindings/node/index.d.ts
mapfile -t PYTHON_STUBS < <(cd "$ROOT" && find bindings/python -name '*.pyi' -not -path '*/node_modules/*' 2>/dev/null | LC_ALL=C sort)
export PAGE_TYPES NODE_TYPES PYTHON_STUBS

# unchanged FILE COMMAND…: COMMAND rewrites FILE; fails when that changes it, and leaves the new one in place.
unchanged() {
  local file="$1" before
  shift
  before="$(mktemp)"
  cp "$ROOT/$file" "$before" 2>/dev/null || true
  "$@"
  if ! diff -u --label "$file (committed)" --label "$file (generated)" "$before" "$ROOT/$file"; then
    rm -f "$before"
    die "$file was out of date and has been rewritten: look at the difference and commit it"
  fi
  rm -f "$before"
}

generate_openapi() {
  "$OO_BIN" openapi >"$ROOT/openapi.json.new"
  mv "$ROOT/openapi.json.new" "$ROOT/openapi.json"
}
generate_page_types() { (cd "$ROOT/oo-server/web" && npm run --silent types </dev/null); }

# The testing builds of the bindings: the dev profile and the door for test worlds.
build_python() {
  (cd "$ROOT/bindings/python" && VIRTUAL_ENV="$VENV" "$VENV/bin/maturin" develop --quiet --features testing)
}
build_node() { (cd "$ROOT/bindings/node" && npm run --silent build:test </dev/null); }

# The binding knows how its stub is made: it prints nothing and rewrites the committed file.
generate_python_stub() { (cd "$ROOT/bindings/python" && "$VENV/bin/python" generate_stub.py); }
