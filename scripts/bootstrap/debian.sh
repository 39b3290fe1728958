# shellcheck shell=bash
# Debian packages. Sourced by bootstrap.sh.

# need_debian PACKAGE=PROBE…: installs the packages whose probe (a command, or an
# absolute path) is missing, all in one go; nothing missing costs nothing.
need_debian() {
  local pair probe missing=()
  for pair in "$@"; do
    probe="${pair#*=}"
    case "$probe" in
      /*) [ -e "$probe" ] || missing+=("${pair%%=*}") ;;
      *) have "$probe" || missing+=("${pair%%=*}") ;;
    esac
  done
  [ "${#missing[@]}" -eq 0 ] || install_debian "${missing[@]}"
}

install_debian() {
  have apt-get || die "these are missing and this is no Debian, install them by hand: $*"
  say "installing Debian packages: $*"
  refresh_debian
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >"$BOOT/apt.log" 2>&1 || {
    tail -n 20 "$BOOT/apt.log" >&2
    die "apt-get could not install: $*. Its log is .bootstrap/apt.log"
  }
}

# The package lists, once a run.
refresh_debian() {
  [ -z "${DEBIAN_REFRESHED:-}" ] || return 0
  mkdir -p "$BOOT"
  as_root apt-get update -qq </dev/null >"$BOOT/apt.log" 2>&1 ||
    warn "apt-get update failed, going on with the lists that are here (.bootstrap/apt.log)"
  DEBIAN_REFRESHED=1
}

# debian_version PACKAGE: the upstream version that would be installed, or nothing.
debian_version() {
  have apt-cache || return 0
  apt-cache policy "$1" 2>/dev/null |
    sed -n 's/^ *Candidate: //p' | grep -v '(none)' | sed 's/^[0-9]*://; s/[-+~].*$//' || true
}
