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
    cluster        = string
    refused_log    = string
    logs           = string
  })
}

variable "environment" {
  description = "dev, prod, or what else there is: jobs of GitHub's environment of that name deploy to it"
  type        = string
}

variable "environments" {
  description = "All there are: jobs of each may delete images that none of them needs"
  type        = list(string)
  default     = ["dev", "prod"]
}

variable "zone_arn" {
  description = "The hosted zone of Route 53 that has the environment's domain"
  type        = string
}

variable "state_arn" {
  description = "The bucket that has Terraform's state"
  type        = string
}

variable "repository" {
  description = "CD_DESTINATION_OWNER/CD_PROJECT: the repository on GitHub whose workflows deliver"
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
  cluster   = split("/", var.arns.cluster)[1]
  partition = split(":", var.arns.cluster)[1]
  region    = split(":", var.arns.cluster)[3]
  account   = split(":", var.arns.cluster)[4]
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
      # Terraform makes the group, which all releases share: one that a function made would be kept without an end.
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = [var.arns.logs, "${var.arns.logs}:log-stream:*"] },
      {
        # Lambda makes its network interfaces with the function's role, and AWS knows no resource for that.
        Sid      = "Interfaces"
        Effect   = "Allow"
        Action   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"]
        Resource = ["*"]
      },
    ]
    # The ACK controller for Lambda, and so whoever may write Function objects in the cluster. It reads a function by more
    # than one call, and a single one that is refused keeps it from ever being synced.
    ack_lambda = [
      {
        Sid    = "Functions"
        Effect = "Allow"
        Action = [for action in [
          "CreateFunction", "DeleteFunction", "DeleteFunctionConcurrency", "GetFunction", "GetFunctionCodeSigningConfig",
          "GetFunctionConcurrency", "GetFunctionConfiguration", "GetFunctionEventInvokeConfig", "ListTags",
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
        # The controller tags what it makes and reads the tags again; whose function a mapping calls is no condition there.
        Sid      = "TagMappings"
        Effect   = "Allow"
        Action   = ["lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"]
        Resource = ["arn:${local.partition}:lambda:${local.region}:${local.account}:event-source-mapping:*"]
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
    # The AWS Load Balancer Controller. What it makes has a tag of its cluster's, and it changes nothing else.
    load_balancer = [
      {
        # AWS knows no resource for looking.
        Sid    = "LookAtNetwork"
        Effect = "Allow"
        Action = concat(
          [for what in [
            "AvailabilityZones", "Instances", "InternetGateways", "NetworkInterfaces", "RouteTables", "SecurityGroups",
            "Subnets", "Tags", "VpcPeeringConnections", "Vpcs",
          ] : "ec2:Describe${what}"],
          ["ec2:GetSecurityGroupsForVpc"],
          [for what in [
            "ListenerAttributes", "ListenerCertificates", "Listeners", "LoadBalancerAttributes", "LoadBalancers", "Rules",
            "SSLPolicies", "Tags", "TargetGroupAttributes", "TargetGroups", "TargetHealth",
          ] : "elasticloadbalancing:Describe${what}"],
          ["acm:DescribeCertificate", "acm:ListCertificates"],
        )
        Resource = ["*"]
      },
      {
        # In an account that never had a balancer, the first one makes the role that Elastic Load Balancing works with.
        Sid       = "ServiceRole"
        Effect    = "Allow"
        Action    = ["iam:CreateServiceLinkedRole"]
        Resource  = ["arn:${local.partition}:iam::${local.account}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*"]
        Condition = { StringEquals = { "iam:AWSServiceName" = "elasticloadbalancing.amazonaws.com" } }
      },
      {
        # What is not there yet has no name; the tag it has to get says whose it is.
        Sid       = "MakeBalancers"
        Effect    = "Allow"
        Action    = [for what in ["Listener", "LoadBalancer", "Rule", "TargetGroup"] : "elasticloadbalancing:Create${what}"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:RequestTag/elbv2.k8s.aws/cluster" = local.cluster } }
      },
      {
        Sid    = "ChangeBalancers"
        Effect = "Allow"
        Action = [for action in [
          "AddListenerCertificates", "AddTags", "DeleteListener", "DeleteLoadBalancer",
          "DeleteRule", "DeleteTargetGroup", "DeregisterTargets", "ModifyListener", "ModifyListenerAttributes",
          "ModifyLoadBalancerAttributes", "ModifyRule", "ModifyTargetGroup", "ModifyTargetGroupAttributes",
          "RegisterTargets", "RemoveListenerCertificates", "RemoveTags", "SetIpAddressType", "SetSecurityGroups",
          "SetSubnets",
        ] : "elasticloadbalancing:${action}"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:ResourceTag/elbv2.k8s.aws/cluster" = local.cluster } }
      },
      {
        Sid       = "TagWhatItMakes"
        Effect    = "Allow"
        Action    = ["elasticloadbalancing:AddTags"]
        Resource  = ["*"]
        Condition = { StringEquals = { "elasticloadbalancing:CreateAction" = ["CreateListener", "CreateLoadBalancer", "CreateRule", "CreateTargetGroup"], "aws:RequestTag/elbv2.k8s.aws/cluster" = local.cluster } }
      },
      # A group is made in a VPC, and who makes it needs the right to both.
      { Sid = "MakeGroups", Effect = "Allow", Action = ["ec2:CreateSecurityGroup"], Resource = ["*"] },
      {
        Sid       = "TagGroups"
        Effect    = "Allow"
        Action    = ["ec2:CreateTags"]
        Resource  = ["*"]
        Condition = { StringEquals = { "ec2:CreateAction" = "CreateSecurityGroup", "aws:RequestTag/elbv2.k8s.aws/cluster" = local.cluster } }
      },
      {
        Sid       = "ChangeGroups"
        Effect    = "Allow"
        Action    = ["ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags", "ec2:DeleteSecurityGroup", "ec2:DeleteTags", "ec2:RevokeSecurityGroupIngress"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:ResourceTag/elbv2.k8s.aws/cluster" = local.cluster } }
      },
      {
        # The nodes' group, which EKS made and tagged: balancers have to reach pods.
        Sid       = "OpenNodes"
        Effect    = "Allow"
        Action    = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:ResourceTag/aws:eks:cluster-name" = local.cluster } }
      },
    ]
    # ExternalDNS: the name of the site leads to its load balancer.
    dns = [
      { Sid = "Records", Effect = "Allow", Action = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResource"], Resource = [var.zone_arn] },
      # AWS knows no resource for listing zones.
      { Sid = "LookAtZones", Effect = "Allow", Action = ["route53:ListHostedZones"], Resource = ["*"] },
    ]
    # The render VPC, of what it refused.
    flow_log = [
      { Sid = "Refused", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], Resource = [var.arns.refused_log, "${var.arns.refused_log}:log-stream:*"] },
    ]
    # Jobs of the environment: all else they may is the cluster's to say.
    deploy = [
      { Sid = "Find", Effect = "Allow", Action = ["eks:DescribeCluster"], Resource = [var.arns.cluster] },
    ]
    # pipelines/bin/clean.
    clean = [
      { Sid = "Forget", Effect = "Allow", Action = ["ecr:BatchDeleteImage", "ecr:DescribeImages"], Resource = var.arns.repositories },
    ]
    # What a plan needs besides looking at how things are set up: the state, and its lock.
    plan = [
      { Sid = "FindState", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [var.state_arn] },
      { Sid = "ReadState", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${var.state_arn}/${var.environment}/*.tfstate"] },
      { Sid = "Lock", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = ["${var.state_arn}/${var.environment}/*.tflock"] },
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

  pods      = { Effect = "Allow", Principal = { Service = "pods.eks.amazonaws.com" }, Action = ["sts:AssumeRole", "sts:TagSession"] }
  functions = { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = ["sts:AssumeRole"] }
  # Whose token says that it runs for this, and for nothing else.
  workflows = { for who, subjects in {
    delivery = ["ref:refs/heads/main"]
    deploy   = ["environment:${var.environment}"]
    plan     = ["environment:${var.environment}-plan"]
    clean    = [for environment in var.environments : "environment:${environment}"]
    } : who => {
    Effect    = "Allow"
    Principal = { Federated = var.github_provider_arn }
    Action    = ["sts:AssumeRoleWithWebIdentity"]
    Condition = {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = [for subject in subjects : "repo:${var.repository}:${subject}"]
      }
    }
  } }

  trust = merge({ for who, statement in local.workflows : who => [statement] }, {
    pod    = [local.pods]
    lambda = [local.functions]
    # Workers in pods take the place of functions.
    converter = [local.functions, local.pods]
    cluster   = [{ Effect = "Allow", Principal = { Service = "eks.amazonaws.com" }, Action = ["sts:AssumeRole"] }]
    flow_log  = [{ Effect = "Allow", Principal = { Service = "vpc-flow-logs.amazonaws.com" }, Action = ["sts:AssumeRole"] }]
    nodes     = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = ["sts:AssumeRole"] }]
  })
}

output "documents" {
  description = "What each role may do, as JSON"
  value       = { for role, statements in local.statements : role => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

output "trust" {
  description = "Who may take which role, as JSON: pods by EKS Pod Identity, services, and workflows by OIDC"
  value       = { for who, statements in local.trust : who => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

output "key" {
  description = "The policy of the key that data is encrypted with, as JSON: in it, every resource is the key"
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Account", Effect = "Allow", Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }, Action = ["kms:*"], Resource = ["*"] },
      {
        # By way of what keeps the data, never by themselves.
        Sid       = "Data"
        Effect    = "Allow"
        Principal = { AWS = [var.arns.backend_role, var.arns.converter_role] }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
        Resource  = ["*"]
        Condition = { StringEquals = { "kms:ViaService" = [for service in ["dynamodb", "s3", "secretsmanager"] : "${service}.${local.region}.amazonaws.com"] } }
      },
    ]
  })
}
