#!/usr/bin/env bash
# The page: types against openapi.json, type check, unit tests, build, size.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/generated.sh"

if [ -f "$ROOT/openapi.json" ]; then
  unchanged "$PAGE_TYPES" generate_page_types
else
  warn "there is no openapi.json yet: the page's types are not compared with it"
fi
"$ROOT/scripts/page.sh"
cd "$ROOT/oo-server/web"
npm run check
npm run test
npm run size
