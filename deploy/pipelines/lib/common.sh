# What every script of the pipelines starts with; sourced, never run.
# shellcheck shell=bash

ROOT=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../..")
readonly ROOT
# shellcheck source=scripts/lib.sh
source "$ROOT/scripts/lib.sh"

# The original's names where it had one; deploy/pipelines/README.md has the table.
: "${APPLICATION_NAME:=platen}"

# Temporary files of a run, gone with it.
WORK=$(mktemp -d)
readonly WORK
trap 'rm -rf "$WORK"' EXIT

# What --help prints is the comment that a script begins with.
usage() {
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"
}

# parse_options NAME... -- ARGUMENT...: sets the variable NAME for each --NAME VALUE, or to `yes` for a
# NAME that was declared as `NAME!`, which takes no value.
parse_options() {
  local declared=()
  while [[ $1 != -- ]]; do
    declared+=("$1")
    shift
  done
  shift
  while (($# > 0)); do
    local name=${1#--}
    if [[ $1 == --help ]]; then
      usage
      exit 0
    elif [[ $1 == --* && " ${declared[*]} " == *" $name! "* ]]; then
      declare -g "${name//-/_}=yes"
      shift
    elif [[ $1 == --* && " ${declared[*]} " == *" $name "* ]]; then
      (($# > 1)) || fail "--$name needs a value" "${0##*/} --help"
      declare -g "${name//-/_}=$2"
      shift 2
    else
      fail "${0##*/} knows no '$1'" "${0##*/} --help"
    fi
  done
}

# require NAME...: these options or variables have to be there.
require() {
  local name
  for name in "$@"; do
    [[ -n ${!name:-} ]] || {
      [[ $name == [A-Z]* ]] || fail "--${name//_/-} is missing" "${0##*/} --help"
      fail "$name is not set" "${0##*/} --help says what it is for"
    }
  done
}

# needs COMMAND...: programs that the pipelines run.
needs() {
  local command
  for command in "$@"; do
    have "$command" || fail "'$command' is missing" "scripts/setup.sh deploy"
  done
}

# A version is part of the names of objects, so it has to be a DNS label, and a short one.
check_version() {
  [[ $1 =~ ^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$ ]] ||
    fail "'$1' cannot be a version" \
      "1 to 20 of a-z, 0-9 and '-', such as the first 12 digits of a commit"
}

check_environment() {
  [[ -f $ROOT/deploy/overlays/$1/release/kustomization.yaml ]] ||
    fail "there is no environment '$1'" "one of: $(cd "$ROOT/deploy/overlays" && echo *)"
}

# Deployed is what was tested: the image itself, not a tag that may come to mean another.
check_digest() {
  [[ $1 =~ ^[^@[:space:]]+@sha256:[0-9a-f]{64}$ ]] ||
    fail "'$1' does not name an image by its digest" "REGISTRY/NAME@sha256:…, as bin/build writes it"
}
