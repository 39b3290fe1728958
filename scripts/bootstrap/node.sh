# shellcheck shell=bash
# Node.js, npm, and the packages of each npm folder. Sourced by bootstrap.sh.

NODE_MINIMUM=20.19.0
NODE_PINNED=22.23.3

node_version() { node --version 2>/dev/null | tr -d v; }
node_ready() { have node && have npm && at_least "$NODE_MINIMUM" "$(node_version)"; }

need_node() {
  node_ready && return
  if ! have node || ! have npm; then
    refresh_debian
    need_debian nodejs=node npm=npm
  fi
  # Debian 12's is too old for the page's build: the npm registry carries Node itself.
  node_ready || install_node
  node_ready || die "Node.js $NODE_MINIMUM or newer is needed, $(node_version) is here"
}

install_node() {
  local cpu
  case "$(uname -m)" in
    x86_64) cpu=x64 ;;
    aarch64) cpu=arm64 ;;
    *) die "Node.js $NODE_MINIMUM or newer is needed, $(node_version) is here, and there is no package of it for $(uname -m)" ;;
  esac
  say "installing Node.js $NODE_PINNED into .bootstrap/node (the one here is $(node_version), at least $NODE_MINIMUM is needed)"
  rm -rf "$BOOT/node"
  mkdir -p "$BOOT/node/bin"
  npm install --loglevel=error --no-audit --no-fund --no-save --prefix "$BOOT/node" "node-linux-$cpu@$NODE_PINNED" </dev/null >&2 ||
    die "npm could not install Node.js $NODE_PINNED: see above, and run the same command again when its registry can be reached"
  ln -sf "../node_modules/node-linux-$cpu/bin/node" "$BOOT/node/bin/node"
  hash -r
}

# need_npm DIR…: the packages of an npm folder, exactly as its lock file says.
need_npm() {
  local dir key
  for dir in "$@"; do
    [ -f "$ROOT/$dir/package.json" ] || continue
    [ -f "$ROOT/$dir/package-lock.json" ] ||
      die "$dir has no package-lock.json: run 'npm install' there and commit the lock file"
    key="$(cd "$ROOT/$dir" && { hash_of package.json package-lock.json; node --version; } | sha256sum)"
    if fresh "npm-${dir//\//-}" "$key" && [ -d "$ROOT/$dir/node_modules" ]; then continue; fi
    say "installing the npm packages of $dir"
    (cd "$ROOT/$dir" && npm ci --no-audit --no-fund --loglevel=error </dev/null)
    # A package without dependencies gets no folder from npm.
    mkdir -p "$ROOT/$dir/node_modules"
    stamp "npm-${dir//\//-}" "$key"
  done
}

# Every folder with a package.json of its own, as paths from the root.
npm_folders() {
  (cd "$ROOT" && find . \( -name node_modules -o -name target -o -name .bootstrap -o -name .venv -o -name '.git' -o -name dist -o -name test-artifacts \) \
    -prune -o -name package.json -printf '%h\n' | sed 's|^\./||' | LC_ALL=C sort)
}
