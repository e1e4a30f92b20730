# The render VPC: functions in it open pages of strangers. It has a way to the public web, none to anything of ours, and
# is joined to no other network. Security groups cannot deny, so the network ACL does.

resource "aws_vpc" "render" {
  cidr_block           = var.render_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = { Name = "${local.prefix}-render" }
}

resource "aws_default_security_group" "render" {
  vpc_id = aws_vpc.render.id
}

resource "aws_internet_gateway" "render" {
  vpc_id = aws_vpc.render.id

  tags = { Name = "${local.prefix}-render" }
}

# NAT gateways and the queue's endpoint.
resource "aws_subnet" "render_public" {
  for_each = module.networks.render.public

  vpc_id            = aws_vpc.render.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${local.prefix}-render-public-${each.key}" }
}

resource "aws_subnet" "functions" {
  for_each = module.networks.render.functions

  vpc_id            = aws_vpc.render.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${local.prefix}-functions-${each.key}" }
}

resource "aws_eip" "render" {
  for_each = local.nat_zones

  domain = "vpc"

  tags = { Name = "${local.prefix}-render-${each.key}" }
}

resource "aws_nat_gateway" "render" {
  for_each = local.nat_zones

  allocation_id = aws_eip.render[each.key].id
  subnet_id     = aws_subnet.render_public[each.key].id

  tags = { Name = "${local.prefix}-render-${each.key}" }

  depends_on = [aws_internet_gateway.render]
}

resource "aws_route_table" "render_public" {
  vpc_id = aws_vpc.render.id

  tags = { Name = "${local.prefix}-render-public" }
}

resource "aws_route" "render_public" {
  route_table_id         = aws_route_table.render_public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.render.id
}

resource "aws_route_table_association" "render_public" {
  for_each = aws_subnet.render_public

  route_table_id = aws_route_table.render_public.id
  subnet_id      = each.value.id
}

resource "aws_route_table" "functions" {
  for_each = toset(var.zones)

  vpc_id = aws_vpc.render.id

  tags = { Name = "${local.prefix}-functions-${each.key}" }
}

resource "aws_route" "functions" {
  for_each = local.nat_of

  route_table_id         = aws_route_table.functions[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.render[each.value].id
}

resource "aws_route_table_association" "functions" {
  for_each = aws_subnet.functions

  route_table_id = aws_route_table.functions[each.key].id
  subnet_id      = each.value.id
}

resource "aws_network_acl" "functions" {
  vpc_id     = aws_vpc.render.id
  subnet_ids = [for subnet in aws_subnet.functions : subnet.id]

  tags = { Name = "${local.prefix}-functions" }
}

resource "aws_network_acl_rule" "functions_out" {
  for_each = { for rule in module.networks.render_rules : tostring(rule.number) => rule }

  network_acl_id = aws_network_acl.functions.id
  egress         = true
  rule_number    = each.value.number
  rule_action    = each.value.action
  protocol       = each.value.protocol
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

# A network ACL remembers no connection: answers come in as what they are, to the ports that questions leave from.
resource "aws_network_acl_rule" "functions_in" {
  for_each = {
    100 = { protocol = "tcp", cidr = "0.0.0.0/0" }
    110 = { protocol = "udp", cidr = var.render_cidr }
  }

  network_acl_id = aws_network_acl.functions.id
  egress         = false
  rule_number    = tonumber(each.key)
  rule_action    = "allow"
  protocol       = each.value.protocol
  cidr_block     = each.value.cidr
  from_port      = 1024
  to_port        = 65535
}

# RENDER_SECURITY_GROUP of the manifests. Nobody opens a connection to a function.
resource "aws_security_group" "functions" {
  name        = "${local.prefix}-functions"
  description = "Functions that render pages"
  vpc_id      = aws_vpc.render.id
}

resource "aws_vpc_security_group_egress_rule" "functions_web" {
  for_each = toset(["80", "443"])

  security_group_id = aws_security_group.functions.id
  description       = "The web"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

resource "aws_vpc_security_group_egress_rule" "functions_names" {
  for_each = toset(["tcp", "udp"])

  security_group_id = aws_security_group.functions.id
  description       = "The VPC's name server"
  cidr_ipv4         = "${cidrhost(var.render_cidr, 2)}/32"
  ip_protocol       = each.key
  from_port         = 53
  to_port           = 53
}

# The table and the bucket, and no one else's: except that pages have pictures in buckets of others.
resource "aws_vpc_endpoint" "render_gateway" {
  for_each = {
    dynamodb = { actions = ["dynamodb:*"], resources = [local.arns.table, "${local.arns.table}/index/*"] }
    s3       = { actions = ["s3:*"], resources = [local.arns.bucket, "${local.arns.bucket}/*"] }
  }

  vpc_id            = aws_vpc.render.id
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.functions : table.id]
  # What the one who asks may do is said by the role.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Principal = "*", Action = each.value.actions, Resource = each.value.resources }],
      each.key == "s3" ? [{ Effect = "Allow", Principal = "*", Action = ["s3:GetObject"], Resource = ["*"] }] : [],
    )
  })

  tags = { Name = "${local.prefix}-render-${each.key}" }
}

resource "aws_security_group" "render_endpoint" {
  name        = "${local.prefix}-render-endpoint"
  description = "The queue's endpoint, for functions"
  vpc_id      = aws_vpc.render.id
}

resource "aws_vpc_security_group_ingress_rule" "render_endpoint" {
  security_group_id            = aws_security_group.render_endpoint.id
  description                  = "Functions"
  referenced_security_group_id = aws_security_group.functions.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# Outside of the functions' subnets: their network ACL would hold back its answers, which go to private addresses.
resource "aws_vpc_endpoint" "render_queue" {
  vpc_id              = aws_vpc.render.id
  service_name        = "com.amazonaws.${var.region}.sqs"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.render_public : subnet.id]
  security_group_ids  = [aws_security_group.render_endpoint.id]
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = ["sqs:*"], Resource = [local.arns.queue] }]
  })

  tags = { Name = "${local.prefix}-render-sqs" }
}

# What was refused: a page tried to get at something private, past the converter's proxy.
resource "aws_flow_log" "render" {
  vpc_id               = aws_vpc.render.id
  traffic_type         = "REJECT"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.render.arn
  iam_role_arn         = aws_iam_role.flow_log.arn
}

resource "aws_cloudwatch_log_group" "render" {
  name              = local.names.refused_log
  retention_in_days = var.log_days
}

# Lambda would make a group for each release, and keep it without an end. The manifests name this one for all.
resource "aws_cloudwatch_log_group" "functions" {
  name              = local.names.function_log
  retention_in_days = var.log_days
}

resource "aws_iam_role" "flow_log" {
  name               = local.names.roles["flow-log"]
  assume_role_policy = module.policies.trust.flow_log
}

resource "aws_iam_role_policy" "flow_log" {
  role   = aws_iam_role.flow_log.name
  policy = module.policies.documents.flow_log
}
