#!/usr/bin/env bash
# Starts Platen as it runs on AWS, on emulators of the services: a backend and a converter that
# polls the queue. What they store is gone when this ends.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
export PATH="$HOME/.cargo/bin:$PATH"
target=${CARGO_TARGET_DIR:-$PWD/target}

folder=$(mktemp -d -t platen-aws-XXXXXX)
converter=
end() {
  trap - EXIT INT TERM
  [[ -z $converter ]] || { kill "$converter" && wait "$converter"; } 2>/dev/null || true
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
cargo build --quiet --release --locked --package platen --package converter-lambda \
  --package platen-pipeline-aws --example provision
"$target/release/examples/provision" >"$folder/product"
# shellcheck source=/dev/null
source "$folder/product"
export DATABASE_URL="sqlite://$folder/accounts.db?mode=rwc"
PLATEN_JWT_KEY=$(head -c 32 /dev/urandom | base64)
export PLATEN_JWT_KEY

say "starting a converter; its log is in $folder/converter.log"
"$target/release/bootstrap" --poll >"$folder/converter.log" 2>&1 &
converter=$!
"$target/release/platen" &
backend=$!
wait -n "$converter" "$backend" || true
# Whichever ended by itself, or was told to with Ctrl-C, takes the other along.
kill "$backend" 2>/dev/null || true
wait "$backend" || true
kill -0 "$converter" 2>/dev/null || tail -n 5 "$folder/converter.log" >&2
