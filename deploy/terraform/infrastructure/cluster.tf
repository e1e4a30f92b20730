# The cluster, its nodes, and who may talk to it.

resource "aws_cloudwatch_log_group" "cluster" {
  # EKS writes there, and would make it without an end.
  name              = "/aws/eks/${local.names.cluster}/cluster"
  retention_in_days = var.log_days
}

resource "aws_eks_cluster" "this" {
  name     = local.names.cluster
  role_arn = aws_iam_role.cluster.arn
  version  = var.kubernetes_version

  enabled_cluster_log_types     = ["api", "audit", "authenticator"]
  bootstrap_self_managed_addons = false
  deletion_protection           = var.protect

  access_config {
    authentication_mode = "API"
    # Who may is said below.
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.data.arn
    }
  }

  vpc_config {
    subnet_ids              = [for subnet in aws_subnet.pods : subnet.id]
    endpoint_private_access = true
    endpoint_public_access  = length(var.api_access_cidrs) > 0
    public_access_cidrs     = length(var.api_access_cidrs) > 0 ? var.api_access_cidrs : null
  }

  depends_on = [aws_cloudwatch_log_group.cluster, aws_iam_role_policy_attachment.cluster]
}

# Of itself the group lets in nodes and pods only, which have it, too: machines of the VPC would find the API closed.
resource "aws_vpc_security_group_ingress_rule" "cluster_api" {
  security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  description       = "The API, from the VPC"
  cidr_ipv4         = var.cluster_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_launch_template" "nodes" {
  name_prefix = "${local.prefix}-"

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = var.nodes.disk_gib
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  metadata_options {
    http_tokens = "required"
    # One hop is the node itself: no pod takes the node's role.
    http_put_response_hop_limit = 1
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${local.prefix}-node" }
  }
}

resource "aws_eks_node_group" "nodes" {
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "${local.prefix}-"
  node_role_arn          = aws_iam_role.nodes.arn
  subnet_ids             = [for subnet in aws_subnet.pods : subnet.id]
  ami_type               = "AL2023_x86_64_STANDARD"
  capacity_type          = var.nodes.capacity_type
  instance_types         = var.nodes.instance_types
  version                = aws_eks_cluster.this.version

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  scaling_config {
    min_size     = var.nodes.least
    desired_size = var.nodes.least
    max_size     = var.nodes.most
  }

  update_config {
    max_unavailable = 1
  }

  lifecycle {
    create_before_destroy = true
    # Whatever scales them.
    ignore_changes = [scaling_config[0].desired_size]
  }

  # Pods get no address before the network is there.
  depends_on = [aws_eks_addon.before_nodes, aws_iam_role_policy_attachment.nodes]
}

resource "aws_eks_addon" "before_nodes" {
  for_each = {
    "eks-pod-identity-agent" = null
    "kube-proxy"             = null
    # Without this, network policies are words.
    "vpc-cni" = jsonencode({ enableNetworkPolicy = "true" })
  }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

# Autoscalers read from metrics-server.
resource "aws_eks_addon" "on_nodes" {
  for_each = toset(["coredns", "metrics-server"])

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_node_group.nodes]
}

resource "aws_eks_access_entry" "administrators" {
  for_each = toset(var.administrator_arns)

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.key
}

resource "aws_eks_access_policy_association" "administrators" {
  for_each = aws_eks_access_entry.administrators

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.value.principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

# A plan of cluster-addons reads what was installed, which Helm keeps in Secrets. Platen's own are in Secrets Manager.
resource "aws_eks_access_entry" "plan" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_iam_role.workflows["plan"].arn
}

resource "aws_eks_access_policy_association" "plan" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.plan.principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy"

  access_scope {
    type = "cluster"
  }
}

# What the group may do is in deploy/pipelines/access.yaml.
resource "aws_eks_access_entry" "delivery" {
  for_each = merge({ github = aws_iam_role.workflows["deploy"].arn }, { for arn in var.delivery_arns : arn => arn })

  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = each.value
  kubernetes_groups = ["platen-delivery"]
}
