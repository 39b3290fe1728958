# shellcheck shell=bash
# One selection of packages and features for every cargo command of the checks,
# so that cargo builds each dependency once. Sourced after lib.sh.
#
# Cargo unifies features over the packages that a command selects. Building one
# package alone would therefore build its dependencies a second time, with fewer
# features. Commands, examples and test programs are taken from target/debug
# after the tests were built instead.

# The bindings link against their hosts: they are checked with the rest, and
# built and tested by the stages `python` and `node`.
mapfile -t BINDINGS < <(sed -n 's/^name = "\(.*\)"$/\1/p' "$ROOT"/bindings/*/Cargo.toml 2>/dev/null | grep -v -e '^_' -e '^oo$' || true)
EVERYTHING=(--workspace --all-features --locked)
TESTED=("${EVERYTHING[@]}")
for binding in "${BINDINGS[@]}"; do TESTED+=(--exclude "$binding"); done
export EVERYTHING TESTED

OO_BIN="$ROOT/target/debug/oo"
export OO_BIN

# One interpreter for every build of the Python binding: its build script reruns when this changes.
if [ -x "$VENV/bin/python" ]; then export PYO3_PYTHON="$VENV/bin/python"; fi
# A machine that builds once gains nothing from incremental files.
if [ "${CI:-}" = true ]; then export CARGO_INCREMENTAL=0; fi
export CARGO_TERM_PROGRESS_WHEN=never
