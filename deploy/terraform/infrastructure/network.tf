# The cluster's VPC. Pods go out through NAT, and to AWS through endpoints; the database goes nowhere.

resource "aws_vpc" "cluster" {
  cidr_block           = var.cluster_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = { Name = local.prefix }
}

# AWS's default lets everything in that has the same group: nothing shall have it.
resource "aws_default_security_group" "cluster" {
  vpc_id = aws_vpc.cluster.id
}

resource "aws_internet_gateway" "cluster" {
  vpc_id = aws_vpc.cluster.id

  tags = { Name = local.prefix }
}

resource "aws_subnet" "public" {
  for_each = module.networks.cluster.public

  vpc_id            = aws_vpc.cluster.id
  availability_zone = each.key
  cidr_block        = each.value

  # The load balancer controller looks for these tags.
  tags = { Name = "${local.prefix}-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}

resource "aws_subnet" "pods" {
  for_each = module.networks.cluster.pods

  vpc_id            = aws_vpc.cluster.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${local.prefix}-pods-${each.key}", "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_subnet" "endpoints" {
  for_each = module.networks.cluster.endpoints

  vpc_id            = aws_vpc.cluster.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${local.prefix}-endpoints-${each.key}" }
}

resource "aws_subnet" "database" {
  for_each = module.networks.cluster.database

  vpc_id            = aws_vpc.cluster.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${local.prefix}-database-${each.key}" }
}

locals {
  # Where there is a NAT gateway, and which one a zone goes through.
  nat_zones = var.nat_per_zone ? toset(var.zones) : toset([var.zones[0]])
  nat_of    = { for zone in var.zones : zone => var.nat_per_zone ? zone : var.zones[0] }
}

resource "aws_eip" "cluster" {
  for_each = local.nat_zones

  domain = "vpc"

  tags = { Name = "${local.prefix}-${each.key}" }
}

resource "aws_nat_gateway" "cluster" {
  for_each = local.nat_zones

  allocation_id = aws_eip.cluster[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${local.prefix}-${each.key}" }

  depends_on = [aws_internet_gateway.cluster]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.cluster.id

  tags = { Name = "${local.prefix}-public" }
}

resource "aws_route" "public" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.cluster.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  route_table_id = aws_route_table.public.id
  subnet_id      = each.value.id
}

resource "aws_route_table" "pods" {
  for_each = toset(var.zones)

  vpc_id = aws_vpc.cluster.id

  tags = { Name = "${local.prefix}-pods-${each.key}" }
}

resource "aws_route" "pods" {
  for_each = local.nat_of

  route_table_id         = aws_route_table.pods[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.cluster[each.value].id
}

resource "aws_route_table_association" "pods" {
  for_each = aws_subnet.pods

  route_table_id = aws_route_table.pods[each.key].id
  subnet_id      = each.value.id
}

# Endpoints and database: the VPC, and no way out of it. The main table would do until somebody adds a route to it.
resource "aws_route_table" "inside" {
  vpc_id = aws_vpc.cluster.id

  tags = { Name = "${local.prefix}-inside" }
}

resource "aws_route_table_association" "endpoints" {
  for_each = aws_subnet.endpoints

  route_table_id = aws_route_table.inside.id
  subnet_id      = each.value.id
}

resource "aws_route_table_association" "database" {
  for_each = aws_subnet.database

  route_table_id = aws_route_table.inside.id
  subnet_id      = each.value.id
}

resource "aws_vpc_endpoint" "cluster_gateway" {
  for_each = toset(["dynamodb", "s3"])

  vpc_id            = aws_vpc.cluster.id
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.pods : table.id]

  tags = { Name = "${local.prefix}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  name        = "${local.prefix}-endpoints"
  description = "Endpoints of AWS, for all that is in the VPC"
  vpc_id      = aws_vpc.cluster.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "The VPC"
  cidr_ipv4         = var.cluster_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# What the backend and the nodes call all the time; deploy/base/platform lets pods go to them.
resource "aws_vpc_endpoint" "cluster_interface" {
  for_each = toset(["ecr.api", "ecr.dkr", "eks-auth", "logs", "secretsmanager", "sqs", "ssm", "sts"])

  vpc_id              = aws_vpc.cluster.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.endpoints : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]

  tags = { Name = "${local.prefix}-${each.key}" }
}
