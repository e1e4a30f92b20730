variables {
  environment         = "dev"
  zone_arn            = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
  state_arn           = "arn:aws:s3:::platen-state-111122223333"
  repository          = "example/platen"
  github_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  arns = {
    queue          = "arn:aws:sqs:eu-central-1:111122223333:platen-dev-work"
    dead_letters   = "arn:aws:sqs:eu-central-1:111122223333:platen-dev-dead-letters"
    table          = "arn:aws:dynamodb:eu-central-1:111122223333:table/platen-dev-files"
    bucket         = "arn:aws:s3:::platen-dev-pdfs-111122223333"
    functions      = "arn:aws:lambda:eu-central-1:111122223333:function:platen-dev-converter-*"
    backend_role   = "arn:aws:iam::111122223333:role/platen-dev-backend"
    converter_role = "arn:aws:iam::111122223333:role/platen-dev-converter"
    secrets        = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:platen-dev/database-??????"]
    repositories   = ["arn:aws:ecr:eu-central-1:111122223333:repository/platen-backend"]
    cluster        = "arn:aws:eks:eu-central-1:111122223333:cluster/platen-dev"
    refused_log    = "arn:aws:logs:eu-central-1:111122223333:log-group:/platen/platen-dev/render-refused"
    logs           = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/platen-dev-converter"
  }
}

run "nobody_may_do_everything" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for document in values(output.documents) : [
        for statement in jsondecode(document).Statement : [for action in statement.Action : !strcontains(action, "*")]
      ]
    ]))
    error_message = "A role may do whatever a service offers."
  }

  assert {
    # Where AWS knows no resource; each says so where it stands.
    condition = toset(flatten([
      for document in values(output.documents) : [
        for statement in jsondecode(document).Statement : statement.Sid if contains(statement.Resource, "*")
      ]
      ])) == toset([
      "ChangeBalancers", "ChangeGroups", "Interfaces", "LogIn", "LookAtMappings", "LookAtNetwork", "LookAtZones", "MakeBalancers",
      "MakeGroups", "Mappings", "Network", "OpenNodes", "TagGroups", "TagWhatItMakes",
    ])
    error_message = "A role may do something to everything."
  }

  assert {
    condition = alltrue(flatten([
      for document in values(output.documents) : [for statement in jsondecode(document).Statement : statement.Effect == "Allow"]
    ]))
    error_message = "A policy that has to deny allows too much elsewhere."
  }
}

run "converters_read_no_secret_and_no_pdf" {
  command = plan

  assert {
    condition     = !strcontains(output.documents.converter, "secretsmanager:") && !strcontains(output.documents.converter, "s3:GetObject")
    error_message = "A page that takes over a converter could read what it must not."
  }

  assert {
    condition     = !strcontains(output.documents.converter, "sqs:SendMessage")
    error_message = "A page that takes over a converter could ask for more."
  }
}

run "backends_make_no_pdf_and_take_no_work" {
  command = plan

  assert {
    condition     = !strcontains(output.documents.backend, "s3:PutObject")
    error_message = "The backend may write PDFs."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(output.documents.backend).Statement : !contains(statement.Action, "sqs:ReceiveMessage")
      if contains(statement.Resource, var.arns.queue)
    ])
    error_message = "The backend may take messages from converters."
  }
}

run "the_controller_passes_one_role_to_one_service" {
  command = plan

  assert {
    condition = alltrue([
      for statement in jsondecode(output.documents.ack_lambda).Statement :
      statement.Resource == [var.arns.converter_role] && statement.Condition.StringEquals["iam:PassedToService"] == "lambda.amazonaws.com"
      if contains(statement.Action, "iam:PassRole")
    ])
    error_message = "Whoever writes a Function could give it any role."
  }
}

run "the_controller_reads_all_that_it_compares" {
  command = plan

  assert {
    # What sdkFind of its Function calls for an image; see its pkg/resource/function.
    condition = length(setsubtract(
      [for call in ["GetFunction", "GetFunctionConcurrency", "GetFunctionEventInvokeConfig"] : "lambda:${call}"],
      flatten([for statement in jsondecode(output.documents.ack_lambda).Statement : statement.Action if statement.Sid == "Functions"]),
    )) == 0
    error_message = "No Function would ever be synced."
  }

  assert {
    condition = one([
      for statement in jsondecode(output.documents.ack_lambda).Statement : statement
      if contains(statement.Action, "lambda:TagResource") && statement.Resource == ["arn:aws:lambda:eu-central-1:111122223333:event-source-mapping:*"]
    ]) != null
    error_message = "No mapping could be made with the controller's tags."
  }
}

run "the_first_balancer_of_an_account_can_be_made" {
  command = plan

  assert {
    condition = one([
      for statement in jsondecode(output.documents.load_balancer).Statement : [statement.Resource, statement.Condition.StringEquals["iam:AWSServiceName"]]
      if contains(statement.Action, "iam:CreateServiceLinkedRole")
      ]) == [
      ["arn:aws:iam::111122223333:role/aws-service-role/elasticloadbalancing.amazonaws.com/*"], "elasticloadbalancing.amazonaws.com",
    ]
    error_message = "The controller cannot make the role of Elastic Load Balancing, or can make others."
  }
}

run "logs_have_an_end" {
  command = plan

  assert {
    condition     = !strcontains(output.documents.converter, "logs:CreateLogGroup")
    error_message = "A function could make a group of logs that are kept without an end."
  }
}

run "balancers_of_others_are_left_alone" {
  command = plan

  assert {
    condition = alltrue([
      for statement in jsondecode(output.documents.load_balancer).Statement :
      strcontains(jsonencode(statement.Condition), "platen-dev")
      if !contains(["LookAtNetwork", "MakeGroups", "ServiceRole"], statement.Sid)
    ])
    error_message = "The controller may change what is not of its cluster."
  }
}

run "looking_is_not_reading" {
  command = plan

  assert {
    condition = toset(flatten([for statement in jsondecode(output.documents.plan).Statement : statement.Resource if contains(statement.Action, "s3:PutObject")])) == toset([
      "arn:aws:s3:::platen-state-111122223333/dev/*.tflock",
    ])
    error_message = "Whoever plans could write more than the lock."
  }
}

run "each_environment_has_jobs_of_its_own" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = jsondecode(output.trust.deploy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example/platen:environment:prod"]
    error_message = "Jobs of another environment could deploy."
  }

  assert {
    condition     = jsondecode(output.trust.plan).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example/platen:environment:prod-plan"]
    error_message = "Other jobs than those that plan could read the state."
  }
}

run "data_is_decrypted_where_it_is_kept" {
  command = plan

  assert {
    condition = alltrue([
      for statement in jsondecode(output.key).Statement :
      toset(statement.Condition.StringEquals["kms:ViaService"]) == toset(["dynamodb.eu-central-1.amazonaws.com", "s3.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com"])
      if statement.Sid != "Account"
    ])
    error_message = "A role could use the key for whatever it likes."
  }
}

run "only_the_main_branch_pushes" {
  command = plan

  assert {
    condition = jsondecode(output.trust.delivery).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = ["repo:example/platen:ref:refs/heads/main"]
      }
    }
    error_message = "Workflows of pull requests, or of other repositories, could push images."
  }
}

run "a_repository_is_no_pattern" {
  command = plan

  variables {
    repository = "example/*"
  }

  expect_failures = [var.repository]
}
