#!/usr/bin/env bash
# `make fuzz`: every fuzz target for MINUTES, as many at a time as there are processors, from the committed corpus and
# from what earlier runs found. An input that fails stays in fuzz/artifacts.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

scripts/bootstrap.sh fuzz
scripts/page.sh
minutes="${MINUTES:-10}"
read -r -a targets <<<"${TARGETS:-$(cd fuzz/targets && printf '%s ' *.rs | sed 's/\.rs//g')}"
export CARGO_TERM_PROGRESS_WHEN=never
# No sanitizer: the code has no `unsafe` that is not audited, and a stable compiler has none.
options=(--fuzz-dir fuzz --sanitizer none --target-dir "${FUZZ_TARGET_DIR:-fuzz/target}")

say "building ${targets[*]}"
cargo fuzz build "${options[@]}"

fuzz_one() {
  local target="$1" log="$LOGS/fuzz-$1.log"
  mkdir -p "fuzz/found/$target" "$LOGS"
  # 2 GiB at most and 10 s an input: more is a finding.
  if cargo fuzz run "${options[@]}" "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- \
    -max_total_time="$(awk -v m="$minutes" 'BEGIN { printf "%d", m * 60 }')" -timeout=10 -rss_limit_mb=2048 \
    -max_len=50000 -print_final_stats=1 >"$log" 2>&1; then
    say "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, nothing found"
  else
    warn "$target FAILED: $log"
    grep -a -m 5 -E 'panicked|ERROR|SUMMARY|artifact_prefix|Test unit written' "$log" >&2 || true
    return 1
  fi
}

failed=0
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || failed=1; done
  fuzz_one "$target" &
done
while [ "$(jobs -rp | wc -l)" -gt 0 ]; do wait -n || failed=1; done
exit "$failed"
