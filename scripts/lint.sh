#!/usr/bin/env bash
# Everything that can be said about the code without running it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

say "format"
cargo fmt --all --check || fail "the code is not formatted" "cargo fmt --all"

say "shell scripts"
mapfile -t shell < <(git grep -lE '^#!.*\b(ba)?sh\b' -- ':!*.md' && git ls-files '*.sh')
mapfile -t shell < <(printf '%s\n' "${shell[@]}" | sort -u)
shellcheck --external-sources "${shell[@]}"

say "clippy, native"
cargo clippy --quiet --workspace --all-targets --locked -- -D warnings

say "clippy, front end"
cargo clippy --quiet --package platen-frontend --target wasm32-unknown-unknown --locked -- -D warnings

say "dependencies: no database and no web server in the converter's program"
for crate in sqlx axum; do
  # What tests need does not count.
  if cargo tree --quiet --locked --package converter-lambda --edges normal --prefix none --format '{p}' |
    grep -E "^$crate(-[a-z]+)? "; then
    fail "converter-lambda depends on $crate" \
      "cargo tree --package converter-lambda --edges normal --invert $crate"
  fi
done

say "dependencies: bans, licences, sources"
# Some crates name their licence in a file only; that file is read and checked all the same.
cargo deny --log-level warn check --allow no-license-field bans licenses sources
