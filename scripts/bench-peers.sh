#!/usr/bin/env bash
# `make bench-peers`: oO beside its peers, in one run, into benches/results and the README.
#   --short         every peer for a moment, with an unoptimised oO, into test-artifacts/peers (`make test-peers`)
#   --seeds N       worlds that each learner learns; more arguments: see benches/peers/__main__.py
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/bootstrap/python.sh"
cd "$ROOT"

scripts/bootstrap.sh peers
profile=(--release) folder=release
if [[ " $* " == *" --short "* ]]; then profile=() folder=debug; fi
target="${CARGO_TARGET_DIR:-$ROOT/target}"
export PYO3_PYTHON="$PEERS_VENV/bin/python" CARGO_TARGET_DIR="$target" CARGO_TERM_PROGRESS_WHEN=never

say "building oO: the server, the bench beside Rust crates, the Python package ($folder)"
scripts/page.sh
cargo build "${profile[@]}" --locked --package oo-server
cargo build "${profile[@]}" --locked --manifest-path benches/peers/rust/Cargo.toml
wheels="$BOOT/peers-wheel"
rm -rf "$wheels"
"$PEERS_VENV/bin/maturin" build --quiet --locked "${profile[@]}" --interpreter "$PYO3_PYTHON" \
  --manifest-path bindings/python/Cargo.toml --out "$wheels"
"$PEERS_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --force-reinstall \
  "$wheels"/*.whl

export OO_BIN="$target/$folder/oo" OO_PEERS_BIN="$target/$folder/oo-peers" PYTHONPATH=benches
"$PEERS_VENV/bin/python" -m peers "$@"
