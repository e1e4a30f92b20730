# All of an environment that is AWS's: networks, cluster, database, table, queues, bucket, names, roles. What runs in
# the cluster is the other root's, cluster-addons; functions and their mappings are made by ACK, and never here.

terraform {
  # The state's lock is an object beside it.
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      application = var.application
      environment = var.environment
      made-by     = "terraform"
    }
  }
}

data "aws_partition" "current" {}

module "naming" {
  source = "../modules/naming"

  application         = var.application
  environment         = var.environment
  account_id          = var.account_id
  region              = var.region
  partition           = data.aws_partition.current.partition
  registry_account_id = var.registry_account_id
  namespace           = var.namespace
}

module "networks" {
  source = "../modules/networks"

  cluster_cidr = var.cluster_cidr
  render_cidr  = var.render_cidr
  zones        = var.zones
}

module "policies" {
  source = "../modules/policies"

  arns                = module.naming.arns
  environment         = var.environment
  repository          = var.repository
  github_provider_arn = local.github_provider_arn
  zone_arn            = "arn:${data.aws_partition.current.partition}:route53:::hostedzone/${local.zone_id}"
  state_arn           = "arn:${data.aws_partition.current.partition}:s3:::${var.state_bucket}"
}

locals {
  prefix = module.naming.prefix
  names  = module.naming.names
  arns   = module.naming.arns
  # The registry is made where the images are kept.
  has_registry = coalesce(var.registry_account_id, var.account_id) == var.account_id && var.make_registry
}

# What tables, PDFs, secrets, the database and the cluster's own secrets are encrypted with.
resource "aws_kms_key" "data" {
  description         = "Data of ${local.prefix}"
  enable_key_rotation = true
  # Without it everything above is lost: the longest time there is to think again.
  deletion_window_in_days = 30
  policy                  = module.policies.key

  # A principal that is not there yet is refused in a key's policy.
  depends_on = [aws_iam_role.backend, aws_iam_role.converter]
}

resource "aws_kms_alias" "data" {
  name          = local.names.key
  target_key_id = aws_kms_key.data.key_id
}
