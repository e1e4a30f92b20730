environment = "dev"
account_id  = "111122223333"
region      = "eu-central-1"
zones       = ["eu-central-1a", "eu-central-1b"]

cluster_cidr = "10.20.0.0/16"
render_cidr  = "10.120.0.0/20"
base_domain  = "dev.platen.example.com"

repository       = "example/platen"
registry_readers = ["444455556666"]
state_bucket     = "platen-state-111122223333"

administrator_arns = ["arn:aws:iam::111122223333:role/platen-terraform"]

# Cheap, and nothing that anybody would miss.
nat_per_zone = false
protect      = false
nodes        = { least = 1, most = 3, capacity_type = "SPOT" }
database     = { instance_class = "db.t4g.micro", two_zones = false, backup_days = 1 }
