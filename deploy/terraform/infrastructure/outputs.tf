output "environment" {
  description = "For deploy/overlays/*/environment/environment.yaml, which has the same keys"
  value = {
    ENVIRONMENT           = var.environment
    ACCOUNT_ID            = var.account_id
    AWS_REGION            = var.region
    BASE_DOMAIN           = var.base_domain
    CERTIFICATE_ARN       = aws_acm_certificate_validation.site.certificate_arn
    VPC_CIDR              = var.cluster_cidr
    DATABASE_CIDR         = module.networks.database_cidr
    DATABASE_URL          = "secretsmanager:${local.names.database_secret}#url"
    JWT_KEY               = "secretsmanager:${local.names.jwt_key_secret}#key"
    SETTINGS_SECRET       = local.names.settings_secret
    QUEUE_NAME            = aws_sqs_queue.work.name
    QUEUE_URL             = aws_sqs_queue.work.url
    QUEUE_ARN             = aws_sqs_queue.work.arn
    DEAD_LETTERS_NAME     = aws_sqs_queue.dead_letters.name
    DEAD_LETTERS_ARN      = aws_sqs_queue.dead_letters.arn
    DEAD_LETTERS_URL      = aws_sqs_queue.dead_letters.url
    TABLE                 = aws_dynamodb_table.files.name
    BUCKET                = aws_s3_bucket.pdfs.bucket
    FUNCTION_NAME         = local.names.function
    CONVERTER_ROLE_ARN    = aws_iam_role.converter.arn
    RENDER_SUBNET_A       = aws_subnet.functions[var.zones[0]].id
    RENDER_SUBNET_B       = aws_subnet.functions[var.zones[1]].id
    RENDER_SECURITY_GROUP = aws_security_group.functions.id
  }
}

output "workflows" {
  description = "Variables of the repository, and of GitHub's environments"
  value = {
    CLUSTER                 = aws_eks_cluster.this.name
    BUILD_ROLE_ARN          = try(aws_iam_role.workflows["build"].arn, null)
    DEPLOY_ROLE_ARN         = aws_iam_role.workflows["deploy"].arn
    CLEAN_ROLE_ARN          = try(aws_iam_role.workflows["clean"].arn, null)
    TERRAFORM_PLAN_ROLE_ARN = aws_iam_role.workflows["plan"].arn
  }
}

output "name_servers" {
  description = "What the domain has to be delegated to, where the zone was made here"
  value       = try(aws_route53_zone.this[0].name_servers, null)
}

output "database" {
  description = "Where the database is, and the secret that RDS keeps its administrator's password in"
  value = {
    address = aws_db_instance.database.address
    secret  = aws_db_instance.database.master_user_secret[0].secret_arn
  }
}
