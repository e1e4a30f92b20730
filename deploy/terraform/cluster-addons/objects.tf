# What tells controllers about Platen, once their definitions are there: a plan could not check objects of kinds that the
# cluster does not know yet, and so a chart of ours carries them.

module "gitops" {
  source = "../modules/gitops"

  environment = var.environment
  repository  = try(var.argocd.repository, "https://github.com/example/platen-gitops")
  manifests   = { for file in ["project", "applications", "releases"] : file => file("${path.module}/../../argocd/${file}.yaml") }
}

locals {
  objects = { for name, objects in {
    argocd = { wanted = var.argocd != null, namespace = "argocd", objects = [for object in module.gitops.objects : jsonencode(object)] }
    gateway = {
      wanted    = var.way_in == "gateway"
      namespace = "envoy-gateway-system"
      # gatewayClassName of deploy/components/gateway.
      objects = [jsonencode({
        apiVersion = "gateway.networking.k8s.io/v1"
        kind       = "GatewayClass"
        metadata   = { name = "envoy" }
        spec       = { controllerName = "gateway.envoyproxy.io/gatewayclass-controller" }
      })]
    }
    datadog = {
      wanted    = var.datadog != null
      namespace = "datadog"
      objects = [jsonencode({
        apiVersion = "datadoghq.com/v2alpha1"
        kind       = "DatadogAgent"
        metadata   = { name = "datadog" }
        spec = {
          global = {
            clusterName = module.naming.names.cluster
            site        = try(var.datadog.site, null)
            credentials = {
              apiSecret = { secretName = try(var.datadog.secret, null), keyName = "api-key" }
              appSecret = { secretName = try(var.datadog.secret, null), keyName = "app-key" }
            }
          }
          features = {
            # Pods say for themselves what is to be scraped.
            prometheusScrape = { enabled = true }
            logCollection    = { enabled = true, containerCollectAll = true }
            otlp             = { receiver = { protocols = { http = { enabled = true } } } }
          }
        }
      })]
    }
    runners = {
      wanted    = var.runners != null
      namespace = "runners"
      # serviceAccountName of deploy/runners/values.yaml: it may do nothing.
      objects = [jsonencode({ apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "runner" }, automountServiceAccountToken = false })]
    }
    # Who deploys may look; deploy/pipelines/README.md says who.
    delivery = {
      wanted    = true
      namespace = "kube-system"
      objects   = [for text in split("\n---\n", file("${path.module}/../../pipelines/access.yaml")) : jsonencode(yamldecode(text))]
    }
  } : name => objects if objects.wanted }
}

resource "helm_release" "objects" {
  for_each = local.objects

  name      = "platen-${each.key}"
  chart     = "${path.module}/charts/objects"
  namespace = each.value.namespace
  values    = [yamlencode({ objects = [for object in each.value.objects : jsondecode(object)] })]

  depends_on = [helm_release.charts]
}
