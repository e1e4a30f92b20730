# Images of all environments. They hold no secret and are as public as the source: the registry's own key will do.

resource "aws_ecr_repository" "images" {
  for_each = local.has_registry ? local.names.repositories : {}

  name                 = each.value
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
  encryption_configuration {
    encryption_type = "AES256"
  }
}

# Images that releases name are never deleted by age: pipelines/bin/clean knows which. What has lost its tag is no release's.
resource "aws_ecr_lifecycle_policy" "images" {
  for_each = aws_ecr_repository.images

  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Pushes that were cut off"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
      action       = { type = "expire" }
    }]
  })
}

# Nodes of this account pull by their role. Those of others, and Lambda in whichever account, have to be let in here: where
# the converter's repository does not name Lambda, a function can only be made by somebody who may change this policy.
resource "aws_ecr_repository_policy" "images" {
  for_each = { for image, repository in aws_ecr_repository.images : image => repository if image == "converter" || length(var.registry_readers) > 0 }

  repository = each.value.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      length(var.registry_readers) > 0 ? [{
        Sid       = "Accounts"
        Effect    = "Allow"
        Principal = { AWS = [for account in var.registry_readers : "arn:${data.aws_partition.current.partition}:iam::${account}:root"] }
        Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      }] : [],
      each.key == "converter" ? [{
        Sid       = "Functions"
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Condition = { ArnLike = { "aws:SourceArn" = [
          for account in concat([var.account_id], var.registry_readers) :
          "arn:${data.aws_partition.current.partition}:lambda:${var.region}:${account}:function:${var.application}-*-converter-*"
        ] } }
      }] : [],
    )
  })
}
