# Made with mocks: what is made, and with what, for each environment. No account is asked.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  # The provider would refuse what does not look like an ARN where it asks for one.
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:mocked" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:111122223333:mocked" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      master_user_secret = [{ kms_key_id = "k", secret_arn = "s", secret_status = "active" }]
    }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn                       = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-4000-8000-000000000000"
      domain_validation_options = [{ domain_name = "d", resource_record_name = "n", resource_record_type = "CNAME", resource_record_value = "v" }]
    }
  }
}

variables {
  environment        = "dev"
  account_id         = "111122223333"
  region             = "eu-central-1"
  zones              = ["eu-central-1a", "eu-central-1b"]
  cluster_cidr       = "10.20.0.0/16"
  render_cidr        = "10.120.0.0/20"
  base_domain        = "dev.platen.example.com"
  repository         = "example/platen"
  state_bucket       = "platen-state-111122223333"
  administrator_arns = ["arn:aws:iam::111122223333:role/platen-terraform"]
}

run "queues_hide_messages_long_enough" {
  assert {
    condition     = aws_sqs_queue.work.visibility_timeout_seconds == 720 && aws_sqs_queue.dead_letters.visibility_timeout_seconds == 720
    error_message = "A message has to be hidden for six times as long as a function may take."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.work.redrive_policy).maxReceiveCount == 5 && aws_sqs_queue.work.message_retention_seconds < aws_sqs_queue.dead_letters.message_retention_seconds
    error_message = "Messages would be lost before somebody sees them."
  }
}

run "functions_are_fenced_in" {
  assert {
    condition     = length([for rule in aws_network_acl_rule.functions_out : rule if rule.rule_action == "deny"]) == 10 && alltrue([for rule in aws_network_acl_rule.functions_out : rule.egress])
    error_message = "A private network is not denied."
  }

  assert {
    condition     = alltrue([for rule in aws_network_acl_rule.functions_in : !rule.egress && rule.from_port == 1024])
    error_message = "Somebody could open a connection to a function."
  }

  assert {
    condition     = length(aws_network_acl.functions.subnet_ids) == 2
    error_message = "A subnet of the functions is outside of the fence."
  }
}

run "nobody_reaches_the_cluster_or_the_database_from_outside" {
  assert {
    condition     = !aws_eks_cluster.this.vpc_config[0].endpoint_public_access && !aws_db_instance.database.publicly_accessible
    error_message = "The public web reaches what it must not."
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && aws_launch_template.nodes.metadata_options[0].http_tokens == "required"
    error_message = "There are other ways to become somebody."
  }
}

run "the_vpc_reaches_the_cluster" {
  assert {
    condition     = aws_vpc_security_group_ingress_rule.cluster_api.cidr_ipv4 == "10.20.0.0/16" && aws_vpc_security_group_ingress_rule.cluster_api.from_port == 443 && aws_vpc_security_group_ingress_rule.cluster_api.to_port == 443
    error_message = "The API is closed to the VPC that it is to be reached from, or open to more."
  }
}

run "pods_get_roles_where_the_manifests_put_them" {
  variables {
    application = "printer"
  }

  assert {
    condition     = aws_eks_pod_identity_association.pods["backend"].namespace == "platen-dev"
    error_message = "Servers would have no role."
  }
}

run "logs_have_an_end" {
  assert {
    condition     = aws_cloudwatch_log_group.functions.name == "/aws/lambda/platen-dev-converter" && aws_cloudwatch_log_group.functions.retention_in_days == 90
    error_message = "The functions' log is not where their manifest says, or is kept without an end."
  }
}

run "everybody_is_not_a_network_to_name" {
  command = plan

  variables {
    api_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.api_access_cidrs]
}

run "data_is_encrypted_and_can_be_brought_back" {
  assert {
    condition = alltrue([
      aws_db_instance.database.storage_encrypted,
      aws_db_instance.database.manage_master_user_password,
      aws_db_instance.database.deletion_protection,
      aws_dynamodb_table.files.point_in_time_recovery[0].enabled,
      aws_dynamodb_table.files.deletion_protection_enabled,
      aws_sqs_queue.work.sqs_managed_sse_enabled,
      aws_s3_bucket_versioning.pdfs.versioning_configuration[0].status == "Enabled",
    ])
    error_message = "Something is in clear text, or could be lost."
  }

  assert {
    condition     = length(aws_secretsmanager_secret.this) == 3
    error_message = "A secret that the manifests name is not there."
  }
}

run "the_table_is_as_the_backend_would_make_it" {
  assert {
    condition = (
      aws_dynamodb_table.files.hash_key == "user_id" && aws_dynamodb_table.files.range_key == "file_id"
      && { for attribute in aws_dynamodb_table.files.attribute : attribute.name => attribute.type } == {
        user_id = "S", file_id = "S", name = "S", revision = "N", due_shard = "S", due = "N"
      }
    )
    error_message = "Keys are not those of crates/pipeline-aws/src/index/table.rs."
  }

  assert {
    condition = { for index in aws_dynamodb_table.files.local_secondary_index : index.name => [index.range_key, index.projection_type] } == {
      by_name = ["name", "KEYS_ONLY"], by_revision = ["revision", "ALL"]
    }
    error_message = "Local indexes are not those of crates/pipeline-aws/src/index/table.rs."
  }

  assert {
    condition     = [for index in aws_dynamodb_table.files.global_secondary_index : [index.name, index.hash_key, index.range_key, index.non_key_attributes[0]]] == [["by_due", "due_shard", "due", "lease_until"]]
    error_message = "The global index is not that of crates/pipeline-aws/src/index/table.rs."
  }

  assert {
    condition     = aws_dynamodb_table.files.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.files.ttl[0].enabled
    error_message = "What is over is never forgotten."
  }
}

run "functions_or_workers" {
  assert {
    condition     = !strcontains(aws_iam_role.converter.assume_role_policy, "pods.eks") && !contains(keys(aws_eks_pod_identity_association.pods), "worker") && !contains(keys(aws_iam_role.addons), "keda")
    error_message = "Pods could take the role of functions that there are."
  }
}

run "workers_take_the_place_of_functions" {
  variables {
    workers = true
  }

  assert {
    condition     = strcontains(aws_iam_role.converter.assume_role_policy, "pods.eks") && aws_eks_pod_identity_association.pods["worker"].service_account == "worker" && contains(keys(aws_iam_role.addons), "keda")
    error_message = "Workers have no role."
  }
}

run "one_account_has_the_registry" {
  variables {
    registry_account_id = "444455556666"
  }

  assert {
    condition     = length(aws_ecr_repository.images) == 0 && output.workflows.BUILD_ROLE_ARN == null && strcontains(aws_iam_role_policy.addons["ack-lambda"].policy, "arn:aws:ecr:eu-central-1:444455556666:repository/platen-converter")
    error_message = "Images would be in two places."
  }
}

run "and_lets_its_own_functions_read" {
  assert {
    condition     = keys(aws_ecr_repository_policy.images) == ["converter"] && strcontains(aws_ecr_repository_policy.images["converter"].policy, "arn:aws:lambda:eu-central-1:111122223333:function:platen-*-converter-*")
    error_message = "Functions of the registry's account could not start."
  }
}

run "and_lets_others_read" {
  variables {
    registry_readers = ["444455556666"]
  }

  assert {
    condition     = length(aws_ecr_repository.images) == 3 && alltrue([for image in aws_ecr_repository.images : image.image_tag_mutability == "IMMUTABLE"])
    error_message = "There is no registry, or tags can move."
  }

  assert {
    condition = jsondecode(aws_ecr_repository_policy.images["converter"].policy).Statement[1].Condition.ArnLike["aws:SourceArn"] == [
      "arn:aws:lambda:eu-central-1:111122223333:function:platen-*-converter-*",
      "arn:aws:lambda:eu-central-1:444455556666:function:platen-*-converter-*",
    ]
    error_message = "Functions of the other account, or of this one, could not start."
  }

  assert {
    condition     = length(aws_ecr_repository_policy.images) == 3 && alltrue([for policy in aws_ecr_repository_policy.images : strcontains(policy.policy, "arn:aws:iam::444455556666:root")])
    error_message = "Nodes of the other account could not pull."
  }
}

run "a_nat_gateway_for_all_or_one_for_each" {
  variables {
    nat_per_zone = false
  }

  assert {
    condition     = length(aws_nat_gateway.cluster) == 1 && length(aws_route.pods) == 2 && length(aws_route.functions) == 2
    error_message = "A zone has no way out."
  }
}
