variable "application" {
  description = "APPLICATION_NAME, as infrastructure has it"
  type        = string
  default     = "platen"
}

variable "environment" {
  description = "dev or prod"
  type        = string
}

variable "account_id" {
  description = "ACCOUNT_ID: another one is refused"
  type        = string
}

variable "region" {
  description = "AWS_REGION"
  type        = string
}

variable "base_domain" {
  description = "BASE_DOMAIN: the one name that ExternalDNS looks after"
  type        = string
}

variable "way_in" {
  description = "The component of deploy/components that lets people in"
  type        = string
  default     = "gateway"

  validation {
    condition     = contains(["gateway", "ingress-nginx", "alb"], var.way_in)
    error_message = "One of gateway, ingress-nginx, alb: as the overlay's platform has it."
  }
}

variable "workers" {
  description = "Pages are converted in pods: KEDA takes the place of the ACK controller for Lambda. The same in infrastructure"
  type        = bool
  default     = false
}

variable "external_dns" {
  description = "The record that leads from the domain to its load balancer; false where somebody else makes it"
  type        = bool
  default     = true
}

variable "secrets_csi" {
  description = "The Secrets Store driver, for the component secrets-csi"
  type        = bool
  default     = false
}

variable "argo_rollouts" {
  description = "The controller of the component argo-rollouts"
  type        = bool
  default     = false
}

variable "argocd" {
  description = "Argo CD, which follows the environment's branch of this GitOps repository; null where DELIVERY_SYNC is apply"
  type = object({
    repository = string
  })
  default = null
}

variable "runners" {
  description = "GitHub's runners in the cluster, with deploy/runners/values.yaml; image by digest. The Secret that the values name is put there by other means"
  type = object({
    repository_url = string
    image          = string
  })
  default = null

  validation {
    condition     = var.runners == null || can(regex("@sha256:[0-9a-f]{64}$", var.runners.image))
    error_message = "The runners' image is named by its digest."
  }
}

variable "datadog" {
  description = "The Datadog operator and its agents. The Secret of this name, in the namespace datadog, has the keys api-key and app-key and is put there by other means"
  type = object({
    site   = optional(string, "datadoghq.eu")
    secret = optional(string, "datadog")
  })
  default = null
}
