# Helpers shared by the scripts; sourced, never run.
# shellcheck shell=bash

# Says what is about to happen, so that a long step never looks like a hang.
say() {
  printf '==> %s\n' "$*" >&2
}

# fail WHAT REMEDY...: every failure names what to do about it.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  try: %s\n' "$@" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

# Runs a command as root, by sudo where needed.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    fail "this needs root, and there is no sudo" "as root: $*"
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

apt_updated=

apt_update_once() {
  [[ -z $apt_updated ]] || return 0
  apt_get update ||
    fail "apt could not read its package lists" \
      "check the network and /etc/apt/sources.list*, then run this again"
  apt_updated=yes
}

# Installs those of the given Debian packages that are missing; a second call costs milliseconds.
apt_install() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  say "installing with apt: ${missing[*]}"
  apt_update_once
  apt_get install -y --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt could not install: ${missing[*]}" \
      "see what apt says: apt-get install ${missing[*]}"
}

# Is the package in a configured archive, and is it a real one, not Ubuntu's stand-in for a snap?
apt_offers() {
  local candidate
  candidate=$(apt_candidate "$1")
  if [[ -z $candidate || $candidate == "(none)" ]]; then
    apt_update_once # a fresh machine may never have read its lists
    candidate=$(apt_candidate "$1")
  fi
  [[ -n $candidate && $candidate != "(none)" && $candidate != *snap* ]]
}

apt_candidate() {
  apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p'
}
