# Which addresses go where. No provider: that nothing overlaps is checked before anything is made.
#
# The cluster's VPC, by sixteenths:  0 public · 1 endpoints · 3 database · 8 to 15 pods and nodes
# The render VPC is one of its own:  the functions in it open pages of strangers, and reach nothing of ours.

terraform {
  required_version = ">= 1.9"
}

variable "cluster_cidr" {
  description = "VPC of cluster and database"
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cluster_cidr)) && endswith(var.cluster_cidr, "/16")
    error_message = "The cluster's VPC is a /16 of IPv4: pods take an address each."
  }
}

variable "render_cidr" {
  description = "VPC that pages are rendered in"
  type        = string

  validation {
    condition     = can(cidrnetmask(var.render_cidr)) && endswith(var.render_cidr, "/20")
    error_message = "The render VPC is a /20 of IPv4."
  }
  validation {
    condition     = try(cidrhost("${split("/", var.render_cidr)[0]}/16", 0) != cidrhost(var.cluster_cidr, 0), false)
    error_message = "The render VPC overlaps with the cluster's."
  }
}

variable "zones" {
  description = "Availability zones, two to four of them"
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "Two to four zones, each once: the database and the balancer want two."
  }
}

locals {
  sixteenths = [for index in range(16) : cidrsubnet(var.cluster_cidr, 4, index)]
  # Of everything that is private or for special uses; the converter's proxy knows more, this is the second fence.
  private = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
  ]
}

output "cluster" {
  description = "Subnets of the cluster's VPC, by purpose and zone"
  value = {
    public    = { for index, zone in var.zones : zone => cidrsubnet(local.sixteenths[0], 2, index) }
    endpoints = { for index, zone in var.zones : zone => cidrsubnet(local.sixteenths[1], 2, index) }
    database  = { for index, zone in var.zones : zone => cidrsubnet(local.sixteenths[3], 2, index) }
    pods      = { for index, zone in var.zones : zone => cidrsubnet(cidrsubnet(var.cluster_cidr, 1, 1), 2, index) }
  }
}

output "database_cidr" {
  description = "DATABASE_CIDR of the manifests: all that the database's subnets are in"
  value       = local.sixteenths[3]
}

output "render" {
  description = "Subnets of the render VPC: functions have no address of their own on the public web, NAT gateways have"
  value = {
    public    = { for index, zone in var.zones : zone => cidrsubnet(var.render_cidr, 4, index) }
    functions = { for index, zone in var.zones : zone => cidrsubnet(var.render_cidr, 3, 4 + index) }
  }
}

output "render_rules" {
  description = <<-TEXT
    Entries of the network ACL around the functions, in their order. Security groups cannot deny; this can. What comes
    first wins: the VPC's own name server and endpoints, then no private network, then the web.
  TEXT
  value = concat(
    [
      { number = 100, action = "allow", protocol = "udp", cidr = "${cidrhost(var.render_cidr, 2)}/32", from = 53, to = 53 },
      { number = 110, action = "allow", protocol = "tcp", cidr = "${cidrhost(var.render_cidr, 2)}/32", from = 53, to = 53 },
      { number = 120, action = "allow", protocol = "tcp", cidr = var.render_cidr, from = 443, to = 443 },
    ],
    [for index, cidr in local.private : { number = 200 + 10 * index, action = "deny", protocol = "all", cidr = cidr, from = 0, to = 0 }],
    [
      { number = 900, action = "allow", protocol = "tcp", cidr = "0.0.0.0/0", from = 80, to = 80 },
      { number = 910, action = "allow", protocol = "tcp", cidr = "0.0.0.0/0", from = 443, to = 443 },
    ],
  )
}
