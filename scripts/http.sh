#!/usr/bin/env bash
# The server against openapi.json: requests made from the document, right ones and wrong ones, to a server of its own.
# The same requests every time; OO_HTTP_SEED and OO_HTTP_EXAMPLES make others and more.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/cargo.sh"
. "$ROOT/scripts/bootstrap/python.sh"
cd "$ROOT"

[ -x "$OO_BIN" ] || cargo build "${TESTED[@]}" --package oo-server --bin oo
home="$(mktemp -d)"
server=
ended() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$home"
}
trap ended EXIT

printf '{"now": "2026-03-02T08:00:00Z", "seed": "http"}\n' >"$home/world.json"
env -u OO_RATE "$OO_BIN" serve --data "$home/data" --addr 127.0.0.1:0 --rate 0 --log error \
  --test-world "$home/world.json" >"$home/said" &
server=$!
for _ in $(seq 100); do
  url="$(sed -n 's/^oO listens on //p' "$home/said")"
  [ -z "$url" ] || break
  kill -0 "$server" 2>/dev/null || die "the server did not start"
  sleep 0.1
done
[ -n "$url" ] || die "the server did not say where it listens"

cd "$home"
HYPOTHESIS_STORAGE_DIRECTORY="$home/hypothesis" timeout --kill-after=5 300 "$HTTP_VENV/bin/schemathesis" \
  --config-file "$ROOT/scripts/schemathesis.toml" run "$ROOT/openapi.json" --url "$url" \
  --seed "${OO_HTTP_SEED:-50}" --max-examples "${OO_HTTP_EXAMPLES:-25}" --continue-on-failure --no-color
kill -0 "$server" 2>/dev/null || die "the server ended while it was asked"
