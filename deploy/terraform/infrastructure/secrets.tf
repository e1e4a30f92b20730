# Where secrets are, never what they are: somebody puts the values there, and they are in no state.
# docs/CONFIG.md says what they look like.

resource "aws_secretsmanager_secret" "this" {
  for_each = {
    (local.names.database_secret) = "The key `url` is DATABASE_URL"
    (local.names.jwt_key_secret)  = "The key `key` is PLATEN_JWT_KEY"
    (local.names.settings_secret) = "Both as a file of settings, for deploy/components/secrets-csi"
  }

  name        = each.key
  description = each.value
  kms_key_id  = aws_kms_key.data.arn
  # At once in an environment that nobody would miss.
  recovery_window_in_days = var.protect ? 30 : 0
}
