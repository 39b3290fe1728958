#!/usr/bin/env bash
# `make run`: builds the page and the release server, and starts it on loopback
# with one SQLite file. OO_ADDR and OO_DATA say where else.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

addr="${OO_ADDR:-127.0.0.1:8080}"
data="${OO_DATA:-./oo-data}"

scripts/bootstrap.sh run
scripts/page.sh
[ -x target/release/oo ] || say "building the server (release; a few minutes the first time)"
cargo build --release --locked --package oo-server --bin oo
say "starting on http://$addr with its data in $data (stop: Ctrl-C)"
exec target/release/oo serve --data "$data" --addr "$addr"
