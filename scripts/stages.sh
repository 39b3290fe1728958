# shellcheck shell=bash
# Runs named stages, times them, and prints the table at the end, also when a
# stage failed or the run was interrupted. Sourced after lib.sh.
#
#   stage NAME NEEDED COMMAND…    NEEDED: a path without which the stage is absent, or `-`
#   require NAME…                 a stage of which one of these failed is not run
#
# A failed stage does not stop the others: one run tells everything.

STAGE_NAMES=()
declare -A STAGE_STATUS=() STAGE_SECONDS=() STAGE_CPU=()
STAGE_NEEDS=()
STAGES_STARTED="$EPOCHREALTIME"
# What an absent stage means: `tell` or `fail`. The caller may set it.
STAGE_ABSENT=tell
mkdir -p "$LOGS"

require() { STAGE_NEEDS=("$@"); }

stage() {
  local name="$1" needed="$2" started cpu status need
  shift 2
  STAGE_NAMES+=("$name")
  STAGE_SECONDS[$name]=0 STAGE_CPU[$name]=0
  if [ -n "${OO_STAGES:-}" ] && [[ " $OO_STAGES " != *" $name "* ]]; then
    STAGE_STATUS[$name]="not asked for"
    STAGE_NEEDS=()
    return
  fi
  for need in "${STAGE_NEEDS[@]}"; do
    if [ "${STAGE_STATUS[$need]:-}" = failed ]; then
      STAGE_STATUS[$name]="not run: $need failed"
      STAGE_NEEDS=()
      return
    fi
  done
  STAGE_NEEDS=()
  if [ "$needed" != - ] && [ ! -e "$ROOT/$needed" ]; then
    warn "stage $name is ABSENT: there is no $needed"
    stage_absent "$name"
    return
  fi

  printf '\n'
  say "── $name"
  STAGE_STATUS[$name]=interrupted
  started="$EPOCHREALTIME" cpu="$(cpu_so_far)"
  set +e
  (set -e && cd "$ROOT" && "$@") </dev/null 2>&1 | tee "$LOGS/$name.log"
  status="${PIPESTATUS[0]}"
  set -e
  STAGE_SECONDS[$name]="$(since "$started")"
  STAGE_CPU[$name]="$(minus "$(cpu_so_far)" "$cpu")"
  case "$status" in
    0) STAGE_STATUS[$name]=passed ;;
    77) stage_absent "$name" ;;
    *)
      STAGE_STATUS[$name]=failed
      warn "stage $name failed with status $status"
      ;;
  esac
}

stage_absent() {
  if [ "$STAGE_ABSENT" = fail ]; then
    STAGE_STATUS[$1]=failed
  else
    STAGE_STATUS[$1]=absent
  fi
}

minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a - b }'; }
since() { minus "$EPOCHREALTIME" "$1"; }

# Processor seconds of the stages that have ended: fields 16 and 17 of this
# shell's own /proc entry, counted from behind the name in brackets.
cpu_so_far() {
  [ -r /proc/$$/stat ] || {
    echo 0
    return
  }
  sed 's/.*) //' /proc/$$/stat | awk -v tick="$(getconf CLK_TCK)" '{ printf "%.1f", ($14 + $15) / tick }'
}

# The table, and the last line in the form that test reports are read by.
stages_end() {
  local code=$? name passed=0 failed=0 skipped=0 cpu=0
  printf '\n%-14s %9s %9s  %s\n' stage seconds cpu status
  printf '%-14s %9s %9s  %s\n' -------------- --------- --------- ------
  for name in "${STAGE_NAMES[@]}"; do
    printf '%-14s %9s %9s  %s\n' "$name" "${STAGE_SECONDS[$name]}" "${STAGE_CPU[$name]}" "${STAGE_STATUS[$name]}"
    cpu="$(awk -v a="$cpu" -v b="${STAGE_CPU[$name]}" 'BEGIN { printf "%.1f", a + b }')"
    case "${STAGE_STATUS[$name]}" in
      passed) passed=$((passed + 1)) ;;
      failed | interrupted) failed=$((failed + 1)) ;;
      *) skipped=$((skipped + 1)) ;;
    esac
  done
  printf '%-14s %9s %9s\n' total "$(since "$STAGES_STARTED")" "$cpu"
  for name in "${STAGE_NAMES[@]}"; do
    [ "${STAGE_STATUS[$name]}" != failed ] || printf 'failed: %s (its output: test-artifacts/logs/%s.log)\n' "$name" "$name"
  done
  printf '\nstages: %s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] || code=1
  exit "$code"
}
trap stages_end EXIT
