#!/usr/bin/env bash
# `make test-long`: what takes too long for every change, or needs tools of its own.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/stages.sh"
cd "$ROOT"

# The newest released version: what the public interface is compared with.
baseline="$(git describe --tags --match 'v[0-9]*' --abbrev=0 2>/dev/null || true)"

semver() {
  [ -n "$baseline" ] || absent "no version has been tagged yet: there is nothing to compare with"
  cargo semver-checks --baseline-rev "$baseline" \
    --package oo-core --package oo-policies --package oo-llm --package oo-store --package oo-engine
}

stage bootstrap - scripts/bootstrap.sh long
require bootstrap
stage deny deny.toml cargo deny --all-features check licenses bans sources
require bootstrap
stage semver - semver
require bootstrap
stage long - env OO_LONG=1 scripts/rust.sh
require bootstrap
stage fuzz fuzz/Cargo.toml env MINUTES=1 scripts/fuzz.sh
require bootstrap
stage peers benches/peers scripts/bench-peers.sh --short
