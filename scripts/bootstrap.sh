#!/usr/bin/env bash
# Installs what a command of the Makefile needs and this machine has not got:
# says each thing before it does it, asks nothing, and is quick when all is there.
#   bootstrap.sh run | ready | test | long | fuzz | peers
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
{
  . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
  . "$ROOT/scripts/bootstrap/debian.sh"
  . "$ROOT/scripts/bootstrap/rust.sh"
  . "$ROOT/scripts/bootstrap/node.sh"
  . "$ROOT/scripts/bootstrap/python.sh"
}

case "${1:-}" in
  run)
    need_rust
    need_node
    need_npm oo-server/web
    ;;
  ready | test)
    need_rust
    need_rust_components
    need_node
    need_debian shellcheck=shellcheck
    need_venv
    if [ "$1" = test ]; then
      need_http
      need_debian chromium=chromium fonts-dejavu-core=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
    fi
    mapfile -t folders < <(npm_folders)
    need_npm "${folders[@]}"
    ;;
  long)
    "${BASH_SOURCE[0]}" test
    need_cargo_tool cargo-deny 0.20.2
    need_cargo_tool cargo-semver-checks 0.51.0
    need_fuzz
    ;;
  fuzz)
    need_rust
    need_node
    need_npm oo-server/web
    need_fuzz
    ;;
  peers)
    "${BASH_SOURCE[0]}" run
    need_peers
    ;;
  *) die "bootstrap.sh run | ready | test | long | fuzz | peers" ;;
esac
