# shellcheck shell=bash
# The virtual environment that Python's tests run in. Sourced by bootstrap.sh.

PYTHON_MINIMUM=3.11

python_version() { python3 -c 'import platform; print(platform.python_version())' 2>/dev/null; }

need_python() {
  have python3 || install_debian python3 python3-venv
  python3 -c 'import venv, ensurepip' 2>/dev/null || install_debian python3-venv
  at_least "$PYTHON_MINIMUM" "$(python_version)" ||
    die "Python $PYTHON_MINIMUM or newer is needed for the tests, $(python_version) is here"
}

need_venv() {
  local key lock="$ROOT/scripts/requirements-test.txt"
  need_python
  key="$({ hash_of "$lock"; python_version; } | sha256sum)"
  fresh venv "$key" && [ -x "$VENV/bin/python" ] && return
  say "installing into .venv: $(grep -v '^#' "${lock%.txt}.in" | tr '\n' ' ')"
  [ -x "$VENV/bin/python" ] || python3 -m venv "$VENV"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$lock" </dev/null
  stamp venv "$key"
}

# What holds the server to openapi.json (scripts/http.sh): apart, for it brings a test runner of its own.
HTTP_VENV="$BOOT/http-venv"
export HTTP_VENV

need_http() {
  local key lock="$ROOT/scripts/requirements-http.txt"
  need_python
  key="$({ hash_of "$lock"; python_version; } | sha256sum)"
  fresh http-venv "$key" && [ -x "$HTTP_VENV/bin/python" ] && return
  say "installing into .bootstrap/http-venv: $(grep -v '^#' "${lock%.txt}.in" | tr '\n' ' ')"
  [ -x "$HTTP_VENV/bin/python" ] || python3 -m venv "$HTTP_VENV"
  "$HTTP_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$lock" </dev/null
  stamp http-venv "$key"
}

# The peers of `make bench-peers`. Their lock is whole, so that nothing is fetched because a peer asks for it.
PEERS_VENV="$BOOT/peers-venv"
export PEERS_VENV

need_peers() {
  local key lock="$ROOT/benches/peers/requirements.txt"
  need_python
  have cc || install_debian build-essential
  key="$({ hash_of "$lock"; python_version; } | sha256sum)"
  fresh peers-venv "$key" && [ -x "$PEERS_VENV/bin/python" ] && return
  say "installing the peers into .bootstrap/peers-venv: this takes minutes"
  [ -x "$PEERS_VENV/bin/python" ] || python3 -m venv "$PEERS_VENV"
  "$PEERS_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps -r "$lock" </dev/null
  stamp peers-venv "$key"
}
