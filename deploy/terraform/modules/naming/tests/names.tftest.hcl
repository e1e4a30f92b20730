variables {
  environment = "dev"
  account_id  = "111122223333"
  region      = "eu-central-1"
}

run "names_are_those_of_the_manifests" {
  command = plan

  assert {
    condition     = output.names.queue == "platen-dev-work" && output.names.dead_letters == "platen-dev-dead-letters"
    error_message = "The queues are not called as deploy/overlays calls them."
  }

  assert {
    condition     = output.names.bucket == "platen-dev-pdfs-111122223333" && output.names.table == "platen-dev-files"
    error_message = "Bucket or table are not called as deploy/overlays calls them."
  }

  assert {
    condition     = output.arns.queue == "arn:aws:sqs:eu-central-1:111122223333:platen-dev-work"
    error_message = "The queue's ARN is not what the mapping names."
  }
}

run "the_namespace_is_the_overlays" {
  command = plan

  variables {
    application = "printer"
  }

  assert {
    condition     = output.names.namespace == "platen-dev" && output.names.cluster == "printer-dev"
    error_message = "Pods would be given no role: APPLICATION_NAME changes no namespace."
  }
}

run "unless_it_is_rendered_into_another" {
  command = plan

  variables {
    namespace = "elsewhere"
  }

  assert {
    condition     = output.names.namespace == "elsewhere"
    error_message = "APPLICATION_NAMESPACE is not where roles are given."
  }
}

run "the_longest_names_fit" {
  command = plan

  variables {
    application = "abcdefghijklmnop"
    environment = "abcdefghijkl"
  }

  assert {
    condition     = length(output.names.bucket) <= 63
    error_message = "A bucket's name has up to 63 characters."
  }

  assert {
    condition     = length(output.names.function) + length("-") + 20 <= 64
    error_message = "A function's name has up to 64 characters, its release's version included."
  }

  assert {
    condition     = alltrue([for role in concat([output.names.backend_role, output.names.converter_role], values(output.names.roles)) : length(role) <= 64])
    error_message = "A role's name has up to 64 characters."
  }
}

run "images_are_in_one_registry" {
  command = plan

  variables {
    registry_account_id = "444455556666"
  }

  assert {
    condition     = output.arns.repositories[0] == "arn:aws:ecr:eu-central-1:444455556666:repository/platen-backend"
    error_message = "Images are looked for in the account of the environment."
  }

  assert {
    condition     = output.arns.queue == "arn:aws:sqs:eu-central-1:111122223333:platen-dev-work"
    error_message = "The queue is looked for in the account of the registry."
  }
}

run "an_account_has_twelve_digits" {
  command = plan

  variables {
    account_id = "11112222333"
  }

  expect_failures = [var.account_id]
}

run "an_application_ends_with_no_dash" {
  command = plan

  variables {
    application = "platen-"
  }

  expect_failures = [var.application]
}

run "an_environment_is_one_word" {
  command = plan

  variables {
    environment = "dev-2"
  }

  expect_failures = [var.environment]
}

run "a_region_is_no_zone" {
  command = plan

  variables {
    region = "eu-central-1a"
  }

  expect_failures = [var.region]
}

run "an_application_with_a_long_name_is_refused" {
  command = plan

  variables {
    application = "abcdefghijklmnopq"
  }

  expect_failures = [var.application]
}
