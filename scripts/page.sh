#!/usr/bin/env bash
# Builds the page (oo-server/web/dist), which the server's crate embeds. Skipped
# when nothing that it is made of has changed. Assets tell a page from the
# placeholder that the server puts there when it is compiled without one.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

web="$ROOT/oo-server/web"
[ -f "$web/package.json" ] || {
  warn "oo-server/web is absent: the server is built without its page"
  exit 0
}
key="$(hash_tree "$web")"
if fresh page "$key" && [ -d "$web/dist/assets" ]; then exit 0; fi
say "building the page"
(cd "$web" && npm run --silent build </dev/null)
stamp page "$key"
