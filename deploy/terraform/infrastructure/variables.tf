variable "application" {
  description = "APPLICATION_NAME: the first part of every name"
  type        = string
  default     = "platen"
}

variable "environment" {
  description = "dev or prod: the second part of every name"
  type        = string
}

variable "namespace" {
  description = "APPLICATION_NAMESPACE, where there is one: pods of this namespace get the roles. Null is the overlays', platen-ENVIRONMENT"
  type        = string
  default     = null
}

variable "account_id" {
  description = "ACCOUNT_ID: the account that all of it is made in; another one is refused"
  type        = string
}

variable "region" {
  description = "AWS_REGION"
  type        = string
}

variable "zones" {
  description = "Availability zones, two to four of the region"
  type        = list(string)
}

variable "cluster_cidr" {
  description = "VPC_CIDR of the manifests: a /16 for cluster and database"
  type        = string
}

variable "render_cidr" {
  description = "A /20 for the VPC that pages are rendered in"
  type        = string
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone, so that one zone can fail; otherwise one for all"
  type        = bool
  default     = true
}

variable "base_domain" {
  description = "BASE_DOMAIN: where people find the environment"
  type        = string
}

variable "hosted_zone_id" {
  description = "The hosted zone that the domain is in; null makes one for the domain, which then has to be delegated to its name_servers"
  type        = string
  default     = null
}

variable "repository" {
  description = "owner/name of the repository on GitHub whose workflows deliver"
  type        = string
}

variable "make_github_provider" {
  description = "Makes the account's OIDC provider for GitHub: an account has one, so false in the second environment of an account"
  type        = bool
  default     = true
}

variable "registry_account_id" {
  description = "The account whose registry has the images of all environments; null is this one"
  type        = string
  default     = null
}

variable "make_registry" {
  description = "Makes the registry's repositories, where it is this account's: false in the second environment of an account"
  type        = bool
  default     = true
}

variable "registry_readers" {
  description = "Other accounts that run images of this registry"
  type        = list(string)
  default     = []
}

variable "state_bucket" {
  description = "The bucket of environments/*.tfbackend, which is made by hand, before all else"
  type        = string
}

variable "kubernetes_version" {
  description = "Of the cluster: 1.30 or newer, the first that pauses pods before they stop without being told to"
  type        = string
  default     = "1.34"
}

variable "api_access_cidrs" {
  description = "Who reaches the cluster's API from outside of its VPC; nobody by default"
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.api_access_cidrs, "0.0.0.0/0")
    error_message = "The cluster's API is not for everybody: name the networks that need it, or run runners in the cluster."
  }
}

variable "administrator_arns" {
  description = "Roles that may do anything in the cluster: people, and the role that applies cluster-addons"
  type        = list(string)
}

variable "delivery_arns" {
  description = "Roles in the cluster's group platen-delivery besides that of GitHub's workflows: Jenkins'. CodePipeline's stack makes its own"
  type        = list(string)
  default     = []
}

variable "nodes" {
  description = "The node group: x86_64, as the images are. It starts with `least`, and nothing here adds nodes: `most` is how far a scaler of yours, or you, may go"
  type = object({
    instance_types = optional(list(string), ["m7i.large", "m7a.large", "m6i.large"])
    capacity_type  = optional(string, "ON_DEMAND")
    least          = optional(number, 2)
    most           = optional(number, 4)
    disk_gib       = optional(number, 50)
  })
  default = {}

  validation {
    condition     = var.nodes.least >= 1 && var.nodes.least <= var.nodes.most
    error_message = "There is at least one node, and no more than most."
  }
}

variable "database" {
  description = "The users' database: PostgreSQL on RDS"
  type = object({
    instance_class = optional(string, "db.t4g.small")
    version        = optional(string, "17")
    storage_gib    = optional(number, 20)
    storage_most   = optional(number, 100)
    two_zones      = optional(bool, true)
    backup_days    = optional(number, 14)
  })
  default = {}
}

variable "protect" {
  description = "Refuses to delete table, database and what is in the bucket"
  type        = bool
  default     = true
}

variable "pdf_recovery_days" {
  description = "How long a deleted or overwritten PDF can be brought back"
  type        = number
  default     = 7
}

variable "message_days" {
  description = "How long a message waits for a converter"
  type        = number
  default     = 4

  validation {
    condition     = var.message_days >= 1 && var.message_days < 14
    error_message = "One to 13 days: dead letters stay for 14, counted from when they were sent first."
  }
}

variable "function_timeout" {
  description = "Seconds that a conversion may take, as deploy/ack/release/function.yaml has it; messages are hidden for six times this"
  type        = number
  default     = 120
}

variable "workers" {
  description = "Pages are converted in pods, which KEDA scales, instead of in a function"
  type        = bool
  default     = false
}

variable "log_days" {
  description = "How long the cluster's audit log, the functions' log and refused packets of the render VPC are kept"
  type        = number
  default     = 90
}
