# What runs in an environment's cluster besides Platen: controllers, as charts, and what tells them about Platen. Their
# roles on AWS are made by the other root, infrastructure, for the service accounts that these charts make.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.0"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
}

module "naming" {
  source = "../modules/naming"

  application = var.application
  environment = var.environment
  account_id  = var.account_id
  region      = var.region
}

data "aws_eks_cluster" "this" {
  name = module.naming.names.cluster
}

provider "helm" {
  kubernetes = {
    host                   = data.aws_eks_cluster.this.endpoint
    cluster_ca_certificate = base64decode(data.aws_eks_cluster.this.certificate_authority[0].data)
    # A token of its own each time: one in the state would be somebody's.
    exec = {
      api_version = "client.authentication.k8s.io/v1"
      command     = "aws"
      args        = ["eks", "get-token", "--region", var.region, "--cluster-name", module.naming.names.cluster]
    }
  }
}
