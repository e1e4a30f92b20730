# What checks the deployment, and where that is kept; sourced, never run.
# shellcheck shell=bash

# One folder per tool and version, outside the repository: a `git clean` keeps what took minutes to
# build, and every work tree shares it.
readonly TOOLS="${PLATEN_TOOLS:-$HOME/.cache/platen/tools}"

# Builds what follows, where the system's Go is too old to fetch a newer one by itself.
readonly GO=1.26.10

# From the Go module proxy, built here.
readonly ACTIONLINT=1.7.12
readonly KUBECONFORM=0.8.0
readonly KUSTOMIZE=5.7.1
readonly KWOK=0.8.0
readonly OPENTOFU=1.12.6
# kubectl too; scripts/tools/control-plane/go.mod pins all that they are made of.
readonly CONTROL_PLANE=1.36.3

# From the Go module proxy, read only: their definitions of custom resources.
readonly ARGO_CD=3.6.1
readonly ARGO_ROLLOUTS=1.10.2
readonly DATADOG_OPERATOR=1.31.2
readonly GATEWAY_API=1.7.0
readonly KEDA=2.21.0
# One more when other files of them are read.
readonly DEFINITIONS=2

# From PyPI, as scripts/tools/manifest-linters.txt lists it. One more when the list changes.
readonly MANIFEST_LINTERS=1
# And as scripts/tools/pipeline-tools.txt does.
readonly PIPELINE_TOOLS=1
# And as scripts/tools/terraform-schemas.txt does: of these versions of the providers.
readonly TERRAFORM_AWS=6.25.0
readonly TERRAFORM_HELM=3.1.1
# The version of Kubernetes whose schemas manifests have to fit; they come with kubernetes-validate.
readonly KUBERNETES=1.37.0

# tool NAME: what to run, or the folder that is read.
tool() {
  local linters="$TOOLS/manifest-linters-$MANIFEST_LINTERS"
  case $1 in
    go) printf '%s\n' "$TOOLS/go-$GO/bin/go" ;;
    actionlint) printf '%s\n' "$TOOLS/actionlint-$ACTIONLINT/actionlint" ;;
    aws | cfn-lint | zizmor) printf '%s\n' "$TOOLS/pipeline-tools-$PIPELINE_TOOLS/bin/$1" ;;
    kubectl) printf '%s\n' "$TOOLS/kubectl-$CONTROL_PLANE/kubectl" ;;
    kube-apiserver | kube-controller-manager | kube-scheduler)
      printf '%s\n' "$TOOLS/control-plane-$CONTROL_PLANE/$1"
      ;;
    kwok) printf '%s\n' "$TOOLS/kwok-$KWOK/kwok" ;;
    etcd) command -v etcd || printf '/usr/bin/etcd\n' ;;
    kubeconform) printf '%s\n' "$TOOLS/kubeconform-$KUBECONFORM/kubeconform" ;;
    kustomize) printf '%s\n' "$TOOLS/kustomize-$KUSTOMIZE/kustomize" ;;
    tofu) printf '%s\n' "$TOOLS/opentofu-$OPENTOFU/tofu" ;;
    terraform-providers) printf '%s\n' "$TOOLS/terraform-providers-$TERRAFORM_AWS-$TERRAFORM_HELM" ;;
    hadolint | yamllint) printf '%s\n' "$linters/bin/$1" ;;
    schemas) printf '%s\n' "$linters/schemas/v$KUBERNETES" ;;
    definitions)
      printf '%s\n' "$TOOLS/definitions-$DEFINITIONS-$ARGO_CD-$ARGO_ROLLOUTS-$DATADOG_OPERATOR-$GATEWAY_API-$KEDA"
      ;;
    *)
      fail "no tool is called '$1'" "scripts/tools/tools.sh lists them"
      ;;
  esac
}
