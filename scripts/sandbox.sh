# shellcheck shell=bash
# An empty folder in which examples and snippets run as if the packages had been
# installed: `oo` on the path, `import oo` from .venv, `oo-engine` for Node.
# Sourced after lib.sh.

SANDBOX="$(mktemp -d)"
trap 'rm -rf "$SANDBOX"' EXIT
mkdir -p "$SANDBOX/node_modules" "$SANDBOX/bin"
[ -d "$ROOT/bindings/node" ] && ln -s "$ROOT/bindings/node" "$SANDBOX/node_modules/oo-engine"
[ -x "$ROOT/target/debug/oo" ] && ln -s "$ROOT/target/debug/oo" "$SANDBOX/bin/oo"
mkdir -p "$ROOT/test-artifacts/examples"
export MPLBACKEND=Agg OO_EXAMPLE_OUT="$ROOT/test-artifacts/examples"

# in_sandbox COMMAND…: at most two minutes, in a folder of its own.
in_sandbox() {
  local dir
  dir="$(mktemp -d "$SANDBOX/run.XXXX")"
  # `timeout` starts programs, not functions: hence the shell between.
  (
    cd "$dir" || exit
    export PATH="$SANDBOX/bin:$VENV/bin:$PATH"
    export -f run_script
    timeout --kill-after=5 120 bash -euo pipefail -c '"$@"' sandbox "$@" </dev/null
  )
}

# run_script FILE: a JavaScript or TypeScript file, next to which `oo-engine` resolves.
# Node strips the types where it can; where it cannot, the binding's own compiler does.
run_script() {
  local name
  name="$(basename "$1")"
  case "$name" in
    *.ts)
      node "$ROOT/scripts/strip-types.mjs" "$1" >"${name%.ts}.mjs"
      name="${name%.ts}.mjs"
      ;;
    *) cp "$1" "$name" ;;
  esac
  node "$name"
}
