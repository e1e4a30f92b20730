# What checks over HTTP share; sourced, never run.
# shellcheck shell=bash

# Files and ways into pods of a check, gone with it.
SCRATCH=$(mktemp -d)
forwards=()
trap 'rm -rf "$SCRATCH"; ((${#forwards[@]} == 0)) || kill "${forwards[@]}" 2>/dev/null || true' EXIT

# expect STATUS URL [CURL ARGUMENT...]: prints the body. Asks again for a while: a balancer may need some
# seconds until it knows a new target.
expect() {
  local status=$1 url=$2 deadline=$((SECONDS + ${DELIVERY_CHECK_PATIENCE:-60})) got=
  shift 2
  until got=$(curl --silent --max-time 10 --output "$SCRATCH/body" --write-out '%{http_code}' "$@" "$url") && [[ $got == "$status" ]]; do
    ((SECONDS < deadline)) || {
      printf 'error: %s answers %s, not %s\n' "$url" "${got:-nothing}" "$status" >&2
      return 1
    }
    sleep 1
  done
  cat "$SCRATCH/body"
}

# contains TEXT BODY
contains() {
  grep -qi -- "$1" <<<"$2" || {
    printf 'error: this has no %s: %s\n' "$1" "${2:0:300}" >&2
    return 1
  }
}

# forward DEPLOYMENT PORT: opens a way to a port of a pod, and sets `forwarded` to its URL.
forward() {
  local log=$SCRATCH/$1-$2 port=
  kubectl --namespace "$NAMESPACE" port-forward --address 127.0.0.1 "deployment/$1" ":$2" >"$log" 2>&1 &
  forwards+=("$!")
  for _ in {1..100}; do
    port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\) .*/\1/p' "$log")
    [[ -z $port ]] || break
    sleep 0.1
  done
  [[ -n $port ]] || {
    printf 'error: no way to port %s of %s: %s\n' "$2" "$1" "$(tail -n 1 "$log")" >&2
    return 1
  }
  # shellcheck disable=SC2034 # the caller's
  forwarded=http://127.0.0.1:$port
}

# public_url: where people find the environment, or nothing.
public_url() {
  printf '%s' "${DELIVERY_PUBLIC_URL:-${BASE_DOMAIN:+https://$BASE_DOMAIN}}"
}
