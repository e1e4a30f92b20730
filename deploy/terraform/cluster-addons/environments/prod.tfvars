environment = "prod"
account_id  = "444455556666"
region      = "eu-central-1"
base_domain = "platen.example.com"

argocd = { repository = "https://github.com/example/platen-gitops" }
