# The domain and its certificate. The record that leads to the load balancer is ExternalDNS's, which knows it.

resource "aws_route53_zone" "this" {
  count = var.hosted_zone_id == null ? 1 : 0

  name = var.base_domain
}

locals {
  zone_id = var.hosted_zone_id == null ? aws_route53_zone.this[0].zone_id : var.hosted_zone_id
}

resource "aws_acm_certificate" "site" {
  domain_name       = var.base_domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# One name, one proof.
locals {
  proof = one(aws_acm_certificate.site.domain_validation_options)
}

resource "aws_route53_record" "validation" {
  zone_id         = local.zone_id
  name            = local.proof.resource_record_name
  type            = local.proof.resource_record_type
  records         = [local.proof.resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

# Waits until the zone is delegated, for up to 75 minutes.
resource "aws_acm_certificate_validation" "site" {
  certificate_arn         = aws_acm_certificate.site.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]
}

# Nobody else's authority signs for the domain.
resource "aws_route53_record" "authorities" {
  zone_id = local.zone_id
  name    = var.base_domain
  type    = "CAA"
  records = ["0 issue \"amazon.com\""]
  ttl     = 3600
}
