#!/usr/bin/env bash
# Starts Platen as it runs on AWS, on emulators of the services: scripts/run-aws.sh [poll|lambda]
# A backend, and a converter that polls the queue or is a function that the queue invokes; without an
# argument, PLATEN_RUN_CONVERTER says which. What they store is gone when this ends.
# `make run-aws` builds what it starts.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
target=${CARGO_TARGET_DIR:-$PWD/target}
converter=${1:-${PLATEN_RUN_CONVERTER:-poll}}
# To the product it is no setting.
unset PLATEN_RUN_CONVERTER
[[ $converter == poll || $converter == lambda ]] ||
  fail "'$converter' is no way to run the converter" "scripts/run-aws.sh poll" "scripts/run-aws.sh lambda"

folder=$(mktemp -d -t platen-aws-XXXXXX)
# The function's browser has a user of its own, who may not pass the folder above.
work=$(mktemp -d -t platen-lambda-XXXXXX)
chmod 755 "$work"
programs=()
# shellcheck disable=SC2317 # the traps reach it
end() {
  status=$?
  trap - EXIT INT TERM
  # Both first: what they still have to say goes to services that are there.
  for program in "${programs[@]}"; do
    # One that has ended by itself cannot be told to.
    kill "$program" 2>/dev/null || continue
  done
  wait
  if scripts/peers/stop "$folder"; then
    rm -rf "$folder"
  else
    say "an emulator may still run; their logs are in $folder"
  fi
  rm -rf "$work"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

scripts/peers/start "$folder"
# shellcheck source=/dev/null
source "$folder/env"
say "making table, queues and bucket"
"${PLATEN_PROVISION:-$target/release/examples/provision}" >"$folder/product"
unset PLATEN_PROVISION
# shellcheck source=/dev/null
source "$folder/product"
export DATABASE_URL="sqlite://$folder/accounts.db?mode=rwc"
PLATEN_JWT_KEY=$(head -c 32 /dev/urandom | base64)
export PLATEN_JWT_KEY

log=$folder/converter.log
if [[ $converter == lambda ]]; then
  log=$folder/ministack.log
  say "making the converter a function; what it says is in $log"
  scripts/peers/deploy "$target/release/bootstrap" "$work"
else
  say "starting a converter; its log is in $log"
  # Where the server serves its metrics, the converter cannot; and it signs nothing.
  env -u PLATEN_OPS_LISTEN -u PLATEN_JWT_KEY "$target/release/bootstrap" --poll >"$log" 2>&1 &
  programs+=($!)
fi
"$target/release/platen" &
server=$!
programs+=("$server")
# Whichever ends by itself takes the other along, and how it ended is how this ends.
status=0
wait -n || status=$?
kill -0 "$server" 2>/dev/null && tail -n 5 "$log" >&2
exit "$status"
