# shellcheck shell=bash
# The Rust toolchain. Sourced by bootstrap.sh.

RUSTUP_LINE="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal -c rustfmt,clippy"

# The oldest compiler that the workspace promises to build with.
rust_minimum() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml" | head -n 1; }
rust_version() { (cd "$ROOT" && rustc --version 2>/dev/null) | cut -d ' ' -f 2 | cut -d - -f 1; }
rust_ready() { have cargo && at_least "$(rust_minimum)" "$(rust_version)"; }

need_rust() {
  need_debian build-essential=cc
  if ! rust_ready; then install_rust; fi
  rust_ready || die "Rust $(rust_minimum) or newer is needed, $(rust_version) is here. Update it: rustup update stable"
}

install_rust() {
  if ! have rustup; then
    refresh_debian
    if [ -z "$(debian_version rustup)" ]; then
      need_debian curl=curl ca-certificates=/etc/ssl/certs/ca-certificates.crt
      die "Rust $(rust_minimum) or newer is missing, and this Debian has no package of rustup. Run this one line, then the same command again:
    $RUSTUP_LINE"
    fi
    install_debian rustup ca-certificates
  fi
  say "installing the Rust toolchain (rustup, stable, with rustfmt and clippy)"
  rustup toolchain install stable --profile minimal -c rustfmt -c clippy --no-self-update
  rustup default stable
}

# rustfmt and clippy, for whoever checks and not only runs.
need_rust_components() {
  local missing=()
  (cd "$ROOT" && cargo fmt --version >/dev/null 2>&1) || missing+=(rustfmt)
  (cd "$ROOT" && cargo clippy --version >/dev/null 2>&1) || missing+=(clippy)
  [ "${#missing[@]}" -eq 0 ] && return
  have rustup || die "these parts of Rust are missing, and without rustup they cannot be added here: ${missing[*]}"
  say "adding to the Rust toolchain: ${missing[*]}"
  rustup component add "${missing[@]}"
}

# need_cargo_tool NAME VERSION: a cargo subcommand, built once into .bootstrap/cargo.
need_cargo_tool() {
  fresh "$1" "$2" && [ -x "$BOOT/cargo/bin/$1" ] && return
  say "building $1 $2 into .bootstrap (a few minutes, once)"
  # A target of its own: its dependencies are not ours, and `make clean` need not lose them.
  (cd "$BOOT" && CARGO_TARGET_DIR="$BOOT/cargo-target" \
    cargo install --quiet --locked --root "$BOOT/cargo" --version "$2" "$1")
  rm -rf "$BOOT/cargo-target"
  stamp "$1" "$2"
}

# What builds and runs the fuzz targets; libFuzzer is C++.
need_fuzz() {
  need_debian g++=c++
  need_cargo_tool cargo-fuzz 0.13.1
}
