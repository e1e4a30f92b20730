# Argo CD's objects of deploy/argocd as one cluster takes them: an environment has a cluster of its own, and its Argo CD
# looks at no branch but that environment's. No provider.

terraform {
  required_version = ">= 1.9"
}

variable "environment" {
  description = "The environment of this cluster"
  type        = string
}

variable "repository" {
  description = "The GitOps repository's URL"
  type        = string

  validation {
    condition     = startswith(var.repository, "https://") && !strcontains(var.repository, "@")
    error_message = "The GitOps repository is named by an https URL without credentials."
  }
}

variable "manifests" {
  description = "The files of deploy/argocd, one object each"
  type        = map(string)
}

locals {
  here = { for name, text in var.manifests : name => yamldecode(replace(text, "https://github.com/example/platen-gitops", var.repository)) }
  sets = { for name, object in local.here : name => object if object.kind == "ApplicationSet" }
  # By way of text: what generators look like is not of one type.
  generators = { for name, set in local.sets : name => [
    for generator in set.spec.generators[0].matrix.generators : jsondecode(
      can(generator.list.elements[0].environment) && can(generator.list.elements[0].server)
      ? jsonencode({ list = { elements = [for element in generator.list.elements : element if element.environment == var.environment] } })
      : jsonencode(generator)
    )
  ] }
}

output "objects" {
  description = "What Argo CD's namespace gets"
  value = concat(
    [for name, object in local.here : merge(object, { spec = merge(object.spec, {
      destinations = [for destination in object.spec.destinations : destination if endswith(destination.namespace, "-${var.environment}")]
    }) }) if object.kind == "AppProject"],
    [for name, set in local.sets : merge(set, { spec = merge(set.spec, { generators = [{ matrix = { generators = local.generators[name] } }] }) })],
  )
}
