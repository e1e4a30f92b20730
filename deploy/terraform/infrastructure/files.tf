# Files: the table that knows them, the bucket that holds the PDFs, the queue that converters take messages from.

# The shape is that of crates/pipeline-aws, whose README.md says what each index is for.
resource "aws_dynamodb_table" "files" {
  name                        = local.names.table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "user_id"
  range_key                   = "file_id"
  deletion_protection_enabled = var.protect

  attribute {
    name = "user_id"
    type = "S"
  }
  attribute {
    name = "file_id"
    type = "S"
  }
  attribute {
    name = "name"
    type = "S"
  }
  attribute {
    name = "revision"
    type = "N"
  }
  attribute {
    name = "due_shard"
    type = "S"
  }
  attribute {
    name = "due"
    type = "N"
  }

  local_secondary_index {
    name            = "by_name"
    range_key       = "name"
    projection_type = "KEYS_ONLY"
  }
  local_secondary_index {
    name            = "by_revision"
    range_key       = "revision"
    projection_type = "ALL"
  }
  global_secondary_index {
    name               = "by_due"
    hash_key           = "due_shard"
    range_key          = "due"
    projection_type    = "INCLUDE"
    non_key_attributes = ["lease_until"]
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.data.arn
  }
}

resource "aws_s3_bucket" "pdfs" {
  bucket        = local.names.bucket
  force_destroy = !var.protect
}

resource "aws_s3_bucket_public_access_block" "pdfs" {
  bucket = aws_s3_bucket.pdfs.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "pdfs" {
  bucket = aws_s3_bucket.pdfs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "pdfs" {
  bucket = aws_s3_bucket.pdfs.id

  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "pdfs" {
  bucket = aws_s3_bucket.pdfs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "pdfs" {
  bucket = aws_s3_bucket.pdfs.id

  rule {
    id     = "forget"
    status = "Enabled"
    filter {}

    # A deleted PDF is gone after this; so is the mark that it was deleted.
    noncurrent_version_expiration {
      noncurrent_days = var.pdf_recovery_days
    }
    expiration {
      expired_object_delete_marker = true
    }
    # Uploads of a process that died.
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.pdfs]
}

resource "aws_s3_bucket_policy" "pdfs" {
  bucket = aws_s3_bucket.pdfs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyByTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:*"]
      Resource  = [aws_s3_bucket.pdfs.arn, "${aws_s3_bucket.pdfs.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.pdfs]
}

resource "aws_sqs_queue" "dead_letters" {
  name = local.names.dead_letters
  # Two weeks, the most there is.
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 6 * var.function_timeout
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
}

resource "aws_sqs_queue" "work" {
  name                      = local.names.queue
  message_retention_seconds = var.message_days * 86400
  # What Lambda wants of a queue, so that a message that waits for a free function is not taken twice.
  visibility_timeout_seconds = 6 * var.function_timeout
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.work.arn]
  })
}
