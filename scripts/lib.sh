# shellcheck shell=bash
# Shared words of the scripts: where the repository is, how to speak, how to
# remember work that is already done. Sourced, never run.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
BOOT="$ROOT/.bootstrap"
VENV="$ROOT/.venv"
LOGS="$ROOT/test-artifacts/logs"
export ROOT BOOT VENV LOGS

# A Node fetched by the bootstrap, and cargo subcommands installed there, come first.
# rustup's own place comes last: right after an installation the shell has not got it yet.
PATH="$BOOT/node/bin:$BOOT/cargo/bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
export PATH

# Colour only where somebody watches.
if [ -t 1 ]; then MARK=$'\033[1moO\033[0m'; else MARK=oO; fi
say() { printf '%s  %s\n' "$MARK" "$*"; }
warn() { printf '%s  %s\n' "$MARK" "$*" >&2; }
die() {
  warn "$*"
  exit 1
}
# A stage that ends with this has found nothing to do: reported, never silent.
absent() {
  warn "ABSENT: $*"
  exit 77
}
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root, and sudo is not here. Run as root: $*"
  fi
}

# at_least WANTED GIVEN: is version GIVEN the same as WANTED or newer?
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# hash_of FILE…: one hash over names and contents.
hash_of() { sha256sum "$@" | sha256sum | cut -d ' ' -f 1; }

# hash_tree DIR: one hash over every source file below DIR, built and installed ones left out.
hash_tree() {
  find "$1" \( -name node_modules -o -name dist -o -name .vite \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# Stamps: `fresh NAME HASH` asks whether NAME was done for HASH; `stamp NAME HASH` records it.
fresh() { [ "$(cat "$BOOT/$1.stamp" 2>/dev/null)" = "$2" ]; }
stamp() {
  mkdir -p "$BOOT"
  printf '%s\n' "$2" >"$BOOT/$1.stamp"
}
