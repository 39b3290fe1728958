#!/usr/bin/env bash
# `make test`: everything that must hold before a change lands, cheapest first.
# OO_STAGES="fmt clippy" runs only these.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/stages.sh"
cd "$ROOT"

# `fail` once every part of the tree is there: then a lost folder cannot pass unseen.
STAGE_ABSENT=fail

stage bootstrap - scripts/bootstrap.sh test
require bootstrap
stage house - scripts/house.sh
require bootstrap
stage fmt - cargo fmt --all --check
require bootstrap
stage arrows - python3 scripts/arrows.py
require bootstrap
stage proto proto/package.json scripts/proto.sh
require bootstrap
stage web oo-server/web/package.json scripts/web.sh
require bootstrap
stage clippy - scripts/clippy.sh
require bootstrap
stage rustdoc - scripts/rustdoc.sh
require bootstrap
stage features - python3 scripts/features.py
require bootstrap
stage rust - scripts/rust.sh
require bootstrap
stage doctests - scripts/doctests.sh
require bootstrap rust
stage openapi openapi.json scripts/openapi.sh
require bootstrap
stage python bindings/python/pyproject.toml scripts/python.sh
require bootstrap
stage node bindings/node/package.json scripts/node.sh
require bootstrap rust
stage conformance tests/conformance scripts/conformance.sh
require bootstrap rust
stage http openapi.json scripts/http.sh
require bootstrap rust
stage browser tests/browser/package.json scripts/browser.sh
require bootstrap rust python node
stage examples examples scripts/examples.sh
require bootstrap rust python node
stage snippets README.md scripts/snippets.sh
