# The cluster, as kubectl finds it (KUBECONFIG); sourced, never run.
# shellcheck shell=bash

# shellcheck source=deploy/pipelines/lib/manifests.sh
source "$ROOT/deploy/pipelines/lib/manifests.sh"

# How the cluster comes to run what the GitOps repository says:
#   argocd  Argo CD pulls it; the scripts wait until it is there
#   apply   the scripts apply it themselves, for clusters without Argo CD
#   none    no cluster can be reached from here: scripts only commit, and neither wait nor look
: "${DELIVERY_SYNC:=argocd}" "${DELIVERY_TIMEOUT:=600}"
sync=$DELIVERY_SYNC
timeout=$DELIVERY_TIMEOUT
namespace=''

readonly VERSION_LABEL=app.kubernetes.io/version

check_sync() {
  case $sync in
    argocd | apply)
      needs kubectl jq
      # Never from a failed question: a cluster that does not answer is not one without releases.
      kubectl version --output json >/dev/null 2>"$WORK/kubectl.log" ||
        fail "the cluster does not answer: $(tail -n 1 "$WORK/kubectl.log")" \
          "aws eks update-kubeconfig --name CLUSTER, or --sync none where no cluster can be reached"
      ;;
    none) ;;
    *) fail "--sync is '$sync'" "one of: argocd apply none" ;;
  esac
}

in_cluster() {
  [[ $sync != none ]]
}

# namespace_of FILE: where a rendering puts things, so that nobody has to say it twice.
namespace_of() {
  namespace=$(sed -n 's/^  namespace: //p' "$1" | head -n 1)
  [[ -n $namespace ]] || fail "$1 names no namespace" "render it again with bin/render"
}

k() {
  kubectl --namespace "$namespace" "$@"
}

# apply FILE [OLD]: as one owner of the fields, so that what was removed from the file goes from the
# object; then objects of OLD that FILE no longer has are deleted, but no namespace: everything is in it.
# Callers ask how it went, so nothing ends it by itself.
apply() {
  [[ $sync == apply && -s $1 ]] || return 0
  kubectl apply --server-side --force-conflicts --field-manager platen-delivery --filename "$1" >&2 || return
  [[ -s ${2:-} ]] || return 0
  json "$2" >"$WORK/old.json" || return
  json "$1" >"$WORK/new.json" || return
  jq --null-input --slurpfile old "$WORK/old.json" --slurpfile new "$WORK/new.json" '
    def id: [.apiVersion, .kind, .metadata.namespace, .metadata.name];
    ($new | map(id)) as $kept | $old[] | select(.kind != "Namespace") | select(id as $id | $kept | index([$id]) | not)' >"$WORK/pruned.json" || return
  [[ ! -s $WORK/pruned.json ]] || kubectl delete --ignore-not-found --filename "$WORK/pruned.json" >&2
}

# eventually WHAT COMMAND...: asks once a second until COMMAND says yes.
eventually() {
  local what=$1 deadline=$((SECONDS + timeout))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || {
      printf 'error: not within %s s: %s\n' "$timeout" "$what" >&2
      return 1
    }
    sleep 1
  done
}

# available VERSION FILE: are all Deployments of a release up to date, with all the pods ready that their
# autoscaler wants at least, and has AWS made what FILE says of it? One starts with a single pod, until
# its autoscaler looks at it; KEDA's is left out, for a worker that nothing leads to has no pods. With
# the component argo-rollouts, Rollouts have the pods, and the Deployments none.
available() {
  local kinds=deployments.apps,horizontalpodautoscalers.autoscaling
  ! rollouts_known || kinds+=,rollouts.argoproj.io
  k get "$kinds" --selector "$VERSION_LABEL=$1" --output json | jq --exit-status '
    def of(kind): map(select(.kind == kind));
    .items
    | (of("HorizontalPodAutoscaler")
        | map(select(any(.metadata.ownerReferences[]?; .kind == "ScaledObject") | not))
        | map({"\(.spec.scaleTargetRef.kind) \(.spec.scaleTargetRef.name)": .spec.minReplicas}) | add // {}) as $least
    | (of("Deployment") | length > 0 and all(.[]; .status.observedGeneration == .metadata.generation))
      and all((of("Deployment") + of("Rollout"))[];
        (.spec.replicas // 1) >= ($least["\(.kind) \(.metadata.name)"] // 0)
        and (.status.updatedReplicas // 0) == (.spec.replicas // 1)
        and (.status.availableReplicas // 0) == (.spec.replicas // 1))
      and all(of("Rollout")[]; .status.phase == "Healthy")' >/dev/null &&
    [[ -z $(unmade "$2") ]]
}

# unmade FILE: what ACK has not made, or cannot make, of the objects in FILE, a line each. A release whose
# function AWS refuses has ready pods, and converts nothing.
unmade() {
  json "$1" | jq 'select(.apiVersion | contains(".services.k8s.aws/"))' >"$WORK/wanted.json" || {
    printf '%s cannot be read\n' "$1"
    return
  }
  [[ -s $WORK/wanted.json ]] || return 0
  k get --ignore-not-found --filename "$WORK/wanted.json" --output json >"$WORK/made.json" 2>"$WORK/kubectl.log" || {
    printf 'what ACK makes cannot be looked at: %s\n' "$(tail -n 1 "$WORK/kubectl.log")"
    return
  }
  jq --raw-output --slurpfile made "$WORK/made.json" '
    def id: "\(.kind) \(.metadata.name)";
    ($made | map(.items // [.]) | add // []) as $made
    | id as $id
    | ($made | map(select(id == $id)) | first) as $object
    | ($object.status.conditions // []) as $conditions
    | if $object == null then "\($id) is not there"
      elif any($conditions[]; .type == "ACK.ResourceSynced" and .status == "True") then empty
      else "\($id) is not made: \([$conditions[].message // empty] | unique | join("; "))" end' "$WORK/wanted.json"
}

rollouts_known() {
  kubectl api-resources --api-group argoproj.io --output name 2>/dev/null | grep -q '^rollouts'
}

# endpoint_pods SERVICE: the pods that a Service sends requests to now.
endpoint_pods() {
  k get endpointslices --selector "kubernetes.io/service-name=$1" --output json |
    jq --raw-output '.items[].endpoints // [] | .[] | select(.conditions.ready != false) | .targetRef.name' | sort -u
}

# serves VERSION FILE SERVICE...: do the Services send requests to pods of that version, and to no other,
# and has AWS made what FILE, the route, says of the queue?
serves() {
  local version=$1 route=$2 pods ours service
  shift 2
  ours=$(k get pods --selector "$VERSION_LABEL=$version" --output json | jq --raw-output '.items[].metadata.name')
  for service in "$@"; do
    pods=$(endpoint_pods "$service")
    [[ -n $pods ]] && ! grep -qvxF "$ours" <<<"$pods" || return 1
  done
  [[ -z $(unmade "$route") ]]
}

# served_versions: what the cluster's Services select now, which may not be what the branch says yet.
served_versions() {
  k get services --output json |
    jq --raw-output --arg key "$VERSION_LABEL" '.items[].spec.selector[$key] // empty' | sort -u
}

absent() {
  [[ -z $(k get deployments,pods --selector "$VERSION_LABEL=$1" --output name) ]]
}
