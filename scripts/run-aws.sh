#!/usr/bin/env bash
# Starts Platen as it runs on AWS, on emulators of the services: a backend and a converter that
# polls the queue. What they store is gone when this ends. `make run-aws` builds what it starts.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
target=${CARGO_TARGET_DIR:-$PWD/target}

folder=$(mktemp -d -t platen-aws-XXXXXX)
programs=()
end() {
  trap - EXIT INT TERM
  # Both first: what they still have to say goes to services that are there.
  ((${#programs[@]} == 0)) || kill "${programs[@]}" 2>/dev/null || true
  wait
  scripts/peers/stop "$folder" || true
  rm -rf "$folder"
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

say "starting a converter; its log is in $folder/converter.log"
# Where the server serves its metrics, the converter cannot; and it signs nothing.
env -u PLATEN_OPS_LISTEN -u PLATEN_JWT_KEY "$target/release/bootstrap" --poll >"$folder/converter.log" 2>&1 &
converter=$!
programs+=("$converter")
"$target/release/platen" &
programs+=($!)
# Whichever ends by itself takes the other along.
wait -n || true
kill -0 "$converter" 2>/dev/null || tail -n 5 "$folder/converter.log" >&2
