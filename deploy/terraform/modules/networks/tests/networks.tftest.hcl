variables {
  cluster_cidr = "10.20.0.0/16"
  render_cidr  = "10.21.0.0/20"
  zones        = ["a", "b", "c", "d"]
}

run "subnets_are_where_they_belong_and_do_not_overlap" {
  command = plan

  assert {
    condition     = output.database_cidr == "10.20.48.0/20"
    error_message = "The database is not where deploy/overlays/dev lets the backend go."
  }

  assert {
    # Sixteen subnets of four zones, each beginning somewhere else; sizes below make that enough.
    condition     = length(distinct(flatten([for purpose in values(output.cluster) : values(purpose)]))) == 16
    error_message = "Subnets of the cluster overlap."
  }

  assert {
    condition     = alltrue([for cidr in values(output.cluster.database) : cidrsubnet("${split("/", cidr)[0]}/20", 0, 0) == output.database_cidr])
    error_message = "A subnet of the database is outside of the database's network."
  }

  assert {
    condition     = output.cluster.pods == { a = "10.20.128.0/19", b = "10.20.160.0/19", c = "10.20.192.0/19", d = "10.20.224.0/19" }
    error_message = "Pods do not have the upper half."
  }

  assert {
    condition     = output.render.public["d"] == "10.21.3.0/24" && output.render.functions["a"] == "10.21.8.0/23"
    error_message = "Subnets of the render VPC overlap."
  }
}

run "functions_reach_the_web_and_nothing_private" {
  command = plan

  assert {
    condition = alltrue([
      for cidr in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"] :
      anytrue([for rule in output.render_rules : rule.action == "deny" && rule.cidr == cidr && rule.protocol == "all"])
    ])
    error_message = "A private network is not denied."
  }

  assert {
    condition = alltrue([
      for deny in output.render_rules : alltrue([
        for allow in output.render_rules : deny.number < allow.number
        if allow.action == "allow" && allow.cidr == "0.0.0.0/0"
      ]) if deny.action == "deny"
    ])
    error_message = "The web is allowed before private networks are denied."
  }

  assert {
    condition     = length(distinct(output.render_rules[*].number)) == length(output.render_rules)
    error_message = "Two rules have one number."
  }

  assert {
    condition     = toset([for rule in output.render_rules : rule.to if rule.cidr == "0.0.0.0/0"]) == toset([80, 443])
    error_message = "Functions reach other ports of the web than pages need."
  }
}

run "vpcs_do_not_overlap" {
  command = plan

  variables {
    render_cidr = "10.20.16.0/20"
  }

  expect_failures = [var.render_cidr]
}

run "one_zone_is_too_few" {
  command = plan

  variables {
    zones = ["a"]
  }

  expect_failures = [var.zones]
}

run "a_small_vpc_is_refused" {
  command = plan

  variables {
    cluster_cidr = "10.20.0.0/20"
  }

  expect_failures = [var.cluster_cidr]
}
