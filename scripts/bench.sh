#!/usr/bin/env bash
# `make bench`: every figure in one run, as a table and in benches/results/bench.json.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

scripts/bootstrap.sh run
scripts/page.sh
mkdir -p benches/results
# The server under load is the released one, and the benchmarks share its build.
cargo build --release --locked --package oo-server --package oo-benches
OO_BIN="$ROOT/target/release/oo" target/release/oo-bench "$@" --out benches/results/bench.json
