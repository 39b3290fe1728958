# shellcheck shell=bash
# Generated files: committed, so that a reader and an editor have them, and
# compared with a fresh generation, so that they never drift. Sourced after lib.sh.

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

export PAGE_TYPES=oo-server/web/src/api.d.ts
