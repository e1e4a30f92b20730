environment = "dev"
account_id  = "111122223333"
region      = "eu-central-1"
base_domain = "dev.platen.example.com"

argocd = { repository = "https://github.com/example/platen-gitops" }
