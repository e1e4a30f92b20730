# A chart each, by the namespace it is in. Versions are pinned here; names of service accounts are those that
# infrastructure/identity.tf gives roles to.

locals {
  charts = { for name, chart in {
    ack-lambda = {
      wanted     = !var.workers
      repository = "oci://public.ecr.aws/aws-controllers-k8s"
      chart      = "lambda-chart"
      version    = "1.14.1"
      namespace  = "ack-system"
      values = yamlencode({
        aws            = { region = var.region }
        serviceAccount = { name = "ack-lambda-controller" }
        # A release that is purged takes its function along.
        deletionPolicy = "delete"
      })
    }
    keda = {
      wanted     = var.workers
      repository = "https://kedacore.github.io/charts"
      chart      = "keda"
      version    = "2.20.2"
      namespace  = "keda"
      values     = yamlencode({ serviceAccount = { operator = { name = "keda-operator" } } })
    }
    external-dns = {
      wanted     = var.external_dns
      repository = "https://kubernetes-sigs.github.io/external-dns"
      chart      = "external-dns"
      version    = "1.18.0"
      namespace  = "external-dns"
      values = yamlencode({
        provider       = { name = "aws" }
        serviceAccount = { name = "external-dns" }
        sources        = [var.way_in == "gateway" ? "gateway-httproute" : "ingress"]
        domainFilters  = [var.base_domain]
        txtOwnerId     = module.naming.prefix
        # Nothing is left behind by an environment that is gone.
        policy = "sync"
        env    = [{ name = "AWS_DEFAULT_REGION", value = var.region }]
      })
    }
    envoy-gateway = {
      wanted     = var.way_in == "gateway"
      repository = "oci://docker.io/envoyproxy"
      chart      = "gateway-helm"
      version    = "v1.9.0"
      namespace  = "envoy-gateway-system"
      values     = yamlencode({})
    }
    ingress-nginx = {
      wanted     = var.way_in == "ingress-nginx"
      repository = "https://kubernetes.github.io/ingress-nginx"
      chart      = "ingress-nginx"
      version    = "4.13.2"
      namespace  = "ingress-nginx"
      values = yamlencode({ controller = {
        # The balancer keeps the client's address, and the controller writes it over whatever X-Forwarded-For came along:
        # servers limit by it, and trust all that is in the VPC.
        config = { "use-forwarded-headers" = "false" }
        service = { annotations = {
          "service.beta.kubernetes.io/aws-load-balancer-type"                    = "external"
          "service.beta.kubernetes.io/aws-load-balancer-scheme"                  = "internet-facing"
          "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"         = "ip"
          "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes" = "preserve_client_ip.enabled=true"
        } }
      } })
    }
    argocd = {
      wanted     = var.argocd != null
      repository = "https://argoproj.github.io/argo-helm"
      chart      = "argo-cd"
      version    = "8.3.0"
      namespace  = "argocd"
      # People sign in by a way of their own, which this does not choose; there is no password to guess.
      values = yamlencode({
        configs = { cm = { "admin.enabled" = false } }
        dex     = { enabled = false }
      })
    }
    argo-rollouts = {
      wanted     = var.argo_rollouts
      repository = "https://argoproj.github.io/argo-helm"
      chart      = "argo-rollouts"
      version    = "2.40.3"
      namespace  = "argo-rollouts"
      values     = yamlencode({})
    }
    secrets-csi = {
      wanted     = var.secrets_csi
      repository = "https://kubernetes-sigs.github.io/secrets-store-csi-driver/charts"
      chart      = "secrets-store-csi-driver"
      version    = "1.5.3"
      namespace  = "kube-system"
      # The provider exchanges the pod's token for its role.
      values = yamlencode({
        tokenRequests        = [{ audience = "sts.amazonaws.com" }, { audience = "pods.eks.amazonaws.com" }]
        enableSecretRotation = true
      })
    }
    secrets-csi-aws = {
      wanted     = var.secrets_csi
      repository = "https://aws.github.io/secrets-store-csi-driver-provider-aws"
      chart      = "secrets-store-csi-driver-provider-aws"
      version    = "1.0.1"
      namespace  = "kube-system"
      values     = yamlencode({ secrets-store-csi-driver = { install = false } })
    }
    runners-controller = {
      wanted     = var.runners != null
      repository = "oci://ghcr.io/actions/actions-runner-controller-charts"
      chart      = "gha-runner-scale-set-controller"
      version    = "0.12.1"
      namespace  = "runners"
      values     = yamlencode({})
    }
    datadog = {
      wanted     = var.datadog != null
      repository = "https://helm.datadoghq.com"
      chart      = "datadog-operator"
      version    = "2.25.1"
      namespace  = "datadog"
      # Dashboard and monitors of deploy/components/datadog are generic resources, off by default; the operator takes
      # dashboards among them from 1.27, which charts have from 2.23.
      values = yamlencode({
        datadogGenericResource = { enabled = true }
        datadogCRDs            = { crds = { datadogGenericResources = true } }
        apiKeyExistingSecret   = try(var.datadog.secret, null)
        appKeyExistingSecret   = try(var.datadog.secret, null)
        site                   = try(var.datadog.site, null)
      })
    }
  } : name => chart if chart.wanted }
}

# Before all others: it takes a look at each Service that is made, and nothing is made while it does not answer.
resource "helm_release" "load_balancer_controller" {
  name       = "aws-load-balancer-controller"
  repository = "https://aws.github.io/eks-charts"
  chart      = "aws-load-balancer-controller"
  version    = "1.13.4"
  namespace  = "kube-system"
  atomic     = true
  timeout    = 600
  values = [yamlencode({
    clusterName    = module.naming.names.cluster
    region         = var.region
    vpcId          = data.aws_eks_cluster.this.vpc_config[0].vpc_id
    serviceAccount = { name = "aws-load-balancer-controller" }
  })]
}

resource "helm_release" "charts" {
  for_each = local.charts

  name             = each.key
  repository       = each.value.repository
  chart            = each.value.chart
  version          = each.value.version
  namespace        = each.value.namespace
  create_namespace = true
  atomic           = true
  timeout          = 600
  values           = [each.value.values]

  depends_on = [helm_release.load_balancer_controller]
}

# The controller is there before what it controls.
resource "helm_release" "runners" {
  count = var.runners != null ? 1 : 0

  name       = "platen"
  repository = "oci://ghcr.io/actions/actions-runner-controller-charts"
  chart      = "gha-runner-scale-set"
  version    = "0.12.1"
  namespace  = "runners"
  atomic     = true
  values = [replace(
    replace(file("${path.module}/../../runners/values.yaml"), "https://github.com/example/platen", try(var.runners.repository_url, "")),
    "RUNNER_IMAGE", try(var.runners.image, ""),
  )]

  depends_on = [helm_release.charts]
}
