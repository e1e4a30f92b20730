environment = "prod"
account_id  = "444455556666"
region      = "eu-central-1"
zones       = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]

cluster_cidr = "10.30.0.0/16"
render_cidr  = "10.130.0.0/20"
base_domain  = "platen.example.com"

repository = "example/platen"
# The images that dev has tried.
registry_account_id = "111122223333"
state_bucket        = "platen-state-444455556666"

administrator_arns = ["arn:aws:iam::444455556666:role/platen-terraform"]

nodes    = { least = 3, most = 8 }
database = { instance_class = "db.m8g.large", storage_gib = 50, storage_most = 500 }
