# Who may do what on AWS, as little as each needs. No provider: documents go in as names and come out as JSON, and
# are tested as such. crates/pipeline-aws/README.md says why each right is needed.

terraform {
  required_version = ">= 1.9"
}

variable "arns" {
  description = "The output `arns` of the module naming"
  type = object({
    queue          = string
    dead_letters   = string
    table          = string
    bucket         = string
    functions      = string
    backend_role   = string
    converter_role = string
    secrets        = list(string)
    repositories   = list(string)
    logs           = string
  })
}

variable "repository" {
  description = "CD_DESTINATION_OWNER/CD_PROJECT: the repository on GitHub whose workflows push images"
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "A repository is written owner/name; a pattern would let others in."
  }
}

variable "github_provider_arn" {
  description = "The account's OIDC provider for token.actions.githubusercontent.com"
  type        = string
}

locals {
  table = {
    Sid      = "Files"
    Effect   = "Allow"
    Action   = [for action in ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"] : "dynamodb:${action}"]
    Resource = [var.arns.table, "${var.arns.table}/index/by_due", "${var.arns.table}/index/by_name", "${var.arns.table}/index/by_revision"]
  }
  # Without it S3 answers 403 where there is nothing, and a missing PDF becomes an error.
  listing = {
    Sid      = "WhatIsThere"
    Effect   = "Allow"
    Action   = ["s3:ListBucket"]
    Resource = [var.arns.bucket]
  }
  pdfs = "${var.arns.bucket}/users/*"

  statements = {
    backend = [
      local.table,
      local.listing,
      { Sid = "Ask", Effect = "Allow", Action = ["sqs:GetQueueAttributes", "sqs:SendMessage"], Resource = [var.arns.queue] },
      {
        Sid      = "Bury"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = [var.arns.dead_letters]
      },
      { Sid = "Pdfs", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject"], Resource = [local.pdfs] },
      { Sid = "Secrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = var.arns.secrets },
    ]
    converter = [
      local.table,
      local.listing,
      {
        Sid      = "Work"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = [var.arns.queue]
      },
      { Sid = "Pdfs", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], Resource = [local.pdfs] },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], Resource = [var.arns.logs, "${var.arns.logs}:log-stream:*"] },
      {
        # Lambda makes its network interfaces with the function's role, and AWS knows no resource for that.
        Sid      = "Interfaces"
        Effect   = "Allow"
        Action   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"]
        Resource = ["*"]
      },
    ]
    # The ACK controller for Lambda, and so whoever may write Function objects in the cluster.
    ack_lambda = [
      {
        Sid    = "Functions"
        Effect = "Allow"
        Action = [for action in [
          "CreateFunction", "DeleteFunction", "DeleteFunctionConcurrency", "GetFunction", "GetFunctionCodeSigningConfig",
          "GetFunctionConcurrency", "GetFunctionConfiguration", "ListFunctionEventInvokeConfigs", "ListTags",
          "PutFunctionConcurrency", "TagResource", "UntagResource", "UpdateFunctionCode", "UpdateFunctionConfiguration",
        ] : "lambda:${action}"]
        Resource = [var.arns.functions]
      },
      {
        # A mapping's ARN is not known before it is made; whose function it calls is.
        Sid       = "Mappings"
        Effect    = "Allow"
        Action    = ["lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"]
        Resource  = ["*"]
        Condition = { ArnLike = { "lambda:FunctionArn" = var.arns.functions } }
      },
      {
        # AWS knows no resource and no condition for these.
        Sid      = "LookAtMappings"
        Effect   = "Allow"
        Action   = ["lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings"]
        Resource = ["*"]
      },
      {
        Sid       = "OneRole"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [var.arns.converter_role]
        Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
      },
      { Sid = "Image", Effect = "Allow", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Resource = var.arns.repositories },
      {
        # Functions that are in a VPC: Lambda checks subnets and groups on behalf of who asks.
        Sid      = "Network"
        Effect   = "Allow"
        Action   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
        Resource = ["*"]
      },
    ]
    # KEDA's operator, for workers instead of functions.
    keda = [
      { Sid = "Length", Effect = "Allow", Action = ["sqs:GetQueueAttributes"], Resource = [var.arns.queue] },
    ]
    # Workflows of the repository's default branch.
    delivery = [
      {
        Sid    = "Push"
        Effect = "Allow"
        Action = [for action in [
          "BatchCheckLayerAvailability", "BatchGetImage", "CompleteLayerUpload", "GetDownloadUrlForLayer",
          "InitiateLayerUpload", "PutImage", "UploadLayerPart",
        ] : "ecr:${action}"]
        Resource = var.arns.repositories
      },
      # The token is for a registry, which is the account.
      { Sid = "LogIn", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
    ]
  }

  trust = {
    pod    = { Effect = "Allow", Principal = { Service = "pods.eks.amazonaws.com" }, Action = ["sts:AssumeRole", "sts:TagSession"] }
    lambda = { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = ["sts:AssumeRole"] }
    delivery = {
      Effect    = "Allow"
      Principal = { Federated = var.github_provider_arn }
      Action    = ["sts:AssumeRoleWithWebIdentity"]
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:${var.repository}:ref:refs/heads/main"
        }
      }
    }
  }
}

output "documents" {
  description = "What each role may do, as JSON"
  value       = { for role, statements in local.statements : role => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

output "trust" {
  description = "Who may take which role, as JSON: pods by EKS Pod Identity, Lambda, and workflows by OIDC"
  value       = { for who, statement in local.trust : who => jsonencode({ Version = "2012-10-17", Statement = [statement] }) }
}
