#!/usr/bin/env bash
# Builds and starts Platen, and does so again whenever a source file changes, appears or goes.
set -euo pipefail
cd "$(dirname "$0")/.."

sources() {
  git ls-files --cached --others --exclude-standard -- \
    Cargo.toml Cargo.lock backend crates frontend xtask
}

# entr ends with 2 when a file appeared: start it anew with the longer list.
status=2
while ((status == 2)); do
  status=0
  sources | entr -dnr bash -c 'cargo xtask frontend --dev && exec cargo run --package platen' || status=$?
done
exit "$status"
