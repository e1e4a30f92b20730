# Reading rendered manifests; sourced, never run.
# shellcheck shell=bash

# json FILE: its objects, one JSON document after the other. kubectl reads YAML without a cluster
# when it changes labels locally; the one that it is told to remove is on no object.
json() {
  [[ ! -s $1 ]] || kubectl label --local --filename "$1" --output json 'no-such-label-' 2>"$WORK/kubectl.log" ||
    fail "$1 cannot be read: $(tail -n 1 "$WORK/kubectl.log")" "render it again with bin/render"
}

# Jq's part of it: cpu in thousandths of a core, memory in bytes.
# shellcheck disable=SC2016,SC2034
readonly QUANTITIES='
  def number: tostring | capture("^(?<n>[0-9.]+)(?<u>[A-Za-z]*)$");
  def factor: {"": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 1024, Mi: 1048576, Gi: 1073741824, Ti: 1099511627776}[.];
  def quantity: number | (.n | tonumber) * (.u | factor);
  def cpu: (. // 0 | quantity) * 1000 | round;
  def memory: . // 0 | quantity | round;
  # What the scheduler reserves for a pod: the sum of its containers, or its hungriest init container.
  def reserved(f): [([.containers[].resources.requests // {} | f] | add // 0), (.initContainers // [] | .[].resources.requests // {} | f)] | max;
  def asks: {cpu: reserved(.cpu | cpu), memory: reserved(.memory | memory)};
'
