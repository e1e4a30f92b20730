# What everything of an environment is called. No provider: what a name has to keep to is checked here, before
# anything is made, and told to the manifests by the root's output `environment`.

terraform {
  required_version = ">= 1.9"
}

variable "application" {
  description = "APPLICATION_NAME: the first part of every name"
  type        = string
  default     = "platen"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.application)) && !endswith(var.application, "-")
    error_message = "The application's name is up to 16 small letters, digits and dashes, and begins with a letter."
  }
}

variable "environment" {
  description = "dev, prod, or what else there is; the second part of every name"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,11}$", var.environment))
    error_message = "The environment's name is up to 12 small letters and digits, and begins with a letter."
  }
}

variable "account_id" {
  description = "ACCOUNT_ID: the account of AWS that all of it is in"
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account of AWS has twelve digits."
  }
}

variable "region" {
  description = "AWS_REGION"
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region is written like eu-central-1."
  }
}

variable "registry_account_id" {
  description = "The account whose registry has the images; this one, where nothing else is said"
  type        = string
  default     = null

  validation {
    condition     = var.registry_account_id == null || can(regex("^[0-9]{12}$", var.registry_account_id))
    error_message = "An account of AWS has twelve digits."
  }
}

variable "namespace" {
  description = "APPLICATION_NAMESPACE, where the manifests are rendered with one; else the overlays', which follows no APPLICATION_NAME"
  type        = string
  default     = null
}

variable "partition" {
  description = "aws, aws-cn or aws-us-gov"
  type        = string
  default     = "aws"
}

locals {
  prefix = "${var.application}-${var.environment}"
  here   = "${var.region}:${var.account_id}"
  # Both environments run the same images, by the same digests: one registry has them.
  registry = "${var.region}:${coalesce(var.registry_account_id, var.account_id)}"
}

output "prefix" {
  description = "The first part of every name"
  value       = local.prefix
}

output "names" {
  description = "What things are called"
  value = {
    # As deploy/overlays and deploy/argocd have it, whatever the application is called.
    namespace    = coalesce(var.namespace, "platen-${var.environment}")
    cluster      = local.prefix
    database     = local.prefix
    key          = "alias/${local.prefix}"
    queue        = "${local.prefix}-work"
    dead_letters = "${local.prefix}-dead-letters"
    table        = "${local.prefix}-files"
    # Buckets share one space of names with all the world.
    bucket = "${local.prefix}-pdfs-${var.account_id}"
    # Releases add their version, of up to 20 characters: 64 is all a function's name may have.
    function       = "${local.prefix}-converter"
    backend_role   = "${local.prefix}-backend"
    converter_role = "${local.prefix}-converter"
    # Of what runs in the cluster besides Platen, and of what delivers it: PREFIX-NAME.
    roles           = { for role in ["ack-lambda", "build", "clean", "cluster", "deploy", "dns", "flow-log", "keda", "load-balancer", "nodes", "plan"] : role => "${local.prefix}-${role}" }
    repositories    = { for image in ["backend", "frontend", "converter"] : image => "${var.application}-${image}" }
    function_log    = "/aws/lambda/${local.prefix}-converter"
    refused_log     = "/platen/${local.prefix}/render-refused"
    database_secret = "${local.prefix}/database"
    jwt_key_secret  = "${local.prefix}/jwt-key"
    settings_secret = "${local.prefix}/platen.toml"
  }
}

output "arns" {
  description = "The same as policies name it"
  value = {
    queue        = "arn:${var.partition}:sqs:${local.here}:${local.prefix}-work"
    dead_letters = "arn:${var.partition}:sqs:${local.here}:${local.prefix}-dead-letters"
    table        = "arn:${var.partition}:dynamodb:${local.here}:table/${local.prefix}-files"
    bucket       = "arn:${var.partition}:s3:::${local.prefix}-pdfs-${var.account_id}"
    # The functions of all releases.
    functions      = "arn:${var.partition}:lambda:${local.here}:function:${local.prefix}-converter-*"
    backend_role   = "arn:${var.partition}:iam::${var.account_id}:role/${local.prefix}-backend"
    converter_role = "arn:${var.partition}:iam::${var.account_id}:role/${local.prefix}-converter"
    # Secrets Manager adds six characters of its own to a name.
    secrets      = [for name in ["database", "jwt-key", "platen.toml"] : "arn:${var.partition}:secretsmanager:${local.here}:secret:${local.prefix}/${name}-??????"]
    repositories = [for image in ["backend", "frontend", "converter"] : "arn:${var.partition}:ecr:${local.registry}:repository/${var.application}-${image}"]
    cluster      = "arn:${var.partition}:eks:${local.here}:cluster/${local.prefix}"
    refused_log  = "arn:${var.partition}:logs:${local.here}:log-group:/platen/${local.prefix}/render-refused"
    logs         = "arn:${var.partition}:logs:${local.here}:log-group:/aws/lambda/${local.prefix}-converter"
  }
}
