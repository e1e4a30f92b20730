# Who is who: roles of what runs, and of what delivers. What each may do is worked out and tested in modules/policies.

# Pods of a service account get their role from EKS Pod Identity; nothing in the cluster names it.
locals {
  pods = merge(
    {
      backend       = { role = aws_iam_role.backend.arn, namespace = local.names.namespace, account = "backend" }
      ack-lambda    = { role = aws_iam_role.addons["ack-lambda"].arn, namespace = "ack-system", account = "ack-lambda-controller" }
      dns           = { role = aws_iam_role.addons["dns"].arn, namespace = "external-dns", account = "external-dns" }
      load-balancer = { role = aws_iam_role.addons["load-balancer"].arn, namespace = "kube-system", account = "aws-load-balancer-controller" }
    },
    { for name, pod in {
      worker = { role = aws_iam_role.converter.arn, namespace = local.names.namespace, account = "worker" }
      keda   = { role = one([for name, role in aws_iam_role.addons : role.arn if name == "keda"]), namespace = "keda", account = "keda-operator" }
    } : name => pod if var.workers },
  )
  # By the name of the role; the document of the same name, in which a dash is an underscore.
  addons = toset(concat(["ack-lambda", "dns", "load-balancer"], var.workers ? ["keda"] : []))
}

resource "aws_eks_pod_identity_association" "pods" {
  for_each = local.pods

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.account
  role_arn        = each.value.role
}

resource "aws_iam_role" "backend" {
  name               = local.names.backend_role
  assume_role_policy = module.policies.trust.pod
}

resource "aws_iam_role_policy" "backend" {
  role   = aws_iam_role.backend.name
  policy = module.policies.documents.backend
}

# CONVERTER_ROLE_ARN of the manifests.
resource "aws_iam_role" "converter" {
  name               = local.names.converter_role
  assume_role_policy = var.workers ? module.policies.trust.converter : module.policies.trust.lambda
}

resource "aws_iam_role_policy" "converter" {
  role   = aws_iam_role.converter.name
  policy = module.policies.documents.converter
}

resource "aws_iam_role" "addons" {
  for_each = local.addons

  name               = local.names.roles[each.key]
  assume_role_policy = module.policies.trust.pod
}

resource "aws_iam_role_policy" "addons" {
  for_each = aws_iam_role.addons

  role   = each.value.name
  policy = module.policies.documents[replace(each.key, "-", "_")]
}

resource "aws_iam_role" "cluster" {
  name               = local.names.roles["cluster"]
  assume_role_policy = module.policies.trust.cluster
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "nodes" {
  name               = local.names.roles["nodes"]
  assume_role_policy = module.policies.trust.nodes
}

# As nodes need them to join, to give pods addresses and to pull images: what pods do on AWS, they do as themselves.
resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"])

  role       = aws_iam_role.nodes.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.make_github_provider ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  github_provider_arn = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:oidc-provider/token.actions.githubusercontent.com"
  # Role of a job: what it trusts, what it may. Images are pushed and forgotten where the registry is.
  workflows = merge(
    {
      deploy = { trust = "deploy", may = "deploy" }
      plan   = { trust = "plan", may = "plan" }
    },
    { for name, role in {
      build = { trust = "delivery", may = "delivery" }
      clean = { trust = "clean", may = "clean" }
    } : name => role if local.has_registry },
  )
}

resource "aws_iam_role" "workflows" {
  for_each = local.workflows

  name                 = local.names.roles[each.key]
  assume_role_policy   = module.policies.trust[each.value.trust]
  max_session_duration = 7200

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "workflows" {
  for_each = local.workflows

  role   = aws_iam_role.workflows[each.key].name
  policy = module.policies.documents[each.value.may]
}

# How everything is set up, and nothing of what is in it: ReadOnlyAccess would read PDFs.
resource "aws_iam_role_policy_attachment" "plan" {
  for_each = toset(["SecurityAudit", "job-function/ViewOnlyAccess"])

  role       = aws_iam_role.workflows["plan"].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}
