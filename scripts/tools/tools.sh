# What checks the deployment, and where that is kept; sourced, never run.
# shellcheck shell=bash

# One folder per tool and version, outside the repository: a `git clean` keeps what took minutes to
# build, and every work tree shares it.
readonly TOOLS="${PLATEN_TOOLS:-$HOME/.cache/platen/tools}"

# Builds what follows, where the system's Go is too old to fetch a newer one by itself.
readonly GO=1.26.10

# From the Go module proxy, built here.
readonly KUBECONFORM=0.8.0
readonly KUSTOMIZE=5.7.1

# From the Go module proxy, read only: their definitions of custom resources.
readonly ARGO_CD=3.6.1
readonly ARGO_ROLLOUTS=1.10.2
readonly DATADOG_OPERATOR=1.31.2
readonly GATEWAY_API=1.7.0
readonly KEDA=2.21.0

# From PyPI, as scripts/tools/manifest-linters.txt lists it. One more when the list changes.
readonly MANIFEST_LINTERS=1
# The version of Kubernetes whose schemas manifests have to fit; they come with kubernetes-validate.
readonly KUBERNETES=1.37.0

# tool NAME: what to run, or the folder that is read.
tool() {
  local linters="$TOOLS/manifest-linters-$MANIFEST_LINTERS"
  case $1 in
    go) printf '%s\n' "$TOOLS/go-$GO/bin/go" ;;
    kubeconform) printf '%s\n' "$TOOLS/kubeconform-$KUBECONFORM/kubeconform" ;;
    kustomize) printf '%s\n' "$TOOLS/kustomize-$KUSTOMIZE/kustomize" ;;
    hadolint | yamllint) printf '%s\n' "$linters/bin/$1" ;;
    schemas) printf '%s\n' "$linters/schemas/v$KUBERNETES" ;;
    definitions)
      printf '%s\n' "$TOOLS/definitions-$ARGO_CD-$ARGO_ROLLOUTS-$DATADOG_OPERATOR-$GATEWAY_API-$KEDA"
      ;;
    *)
      fail "no tool is called '$1'" "one of: kubeconform kustomize hadolint yamllint schemas definitions"
      ;;
  esac
}
