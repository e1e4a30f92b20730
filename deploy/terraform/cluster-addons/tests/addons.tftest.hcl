# Made with mocks: which charts, for which switches. No cluster is asked.

mock_provider "aws" {
  mock_data "aws_eks_cluster" {
    defaults = {
      certificate_authority = [{ data = "bW9jaw==" }]
      vpc_config = [{
        vpc_id                    = "vpc-0123456789abcdef0"
        cluster_security_group_id = "sg-0123456789abcdef0"
        endpoint_private_access   = true
        endpoint_public_access    = false
        public_access_cidrs       = []
        security_group_ids        = []
        subnet_ids                = []
      }]
    }
  }
}

mock_provider "helm" {}

variables {
  environment = "dev"
  account_id  = "111122223333"
  region      = "eu-central-1"
  base_domain = "dev.platen.example.com"
}

run "only_what_is_needed" {
  assert {
    condition     = toset(keys(helm_release.charts)) == toset(["ack-lambda", "envoy-gateway", "external-dns"])
    error_message = "Something runs that nobody asked for."
  }

  assert {
    condition     = toset(keys(helm_release.objects)) == toset(["delivery", "gateway"])
    error_message = "Something is told that nobody asked for."
  }
}

run "all_of_it" {
  variables {
    way_in        = "ingress-nginx"
    workers       = true
    secrets_csi   = true
    argo_rollouts = true
    argocd        = { repository = "https://github.com/somebody/releases" }
    runners = {
      repository_url = "https://github.com/somebody/platen"
      image          = "registry.example.com/runner@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    }
    datadog = {}
  }

  assert {
    condition = toset(keys(helm_release.charts)) == toset([
      "argo-rollouts", "argocd", "datadog", "external-dns", "ingress-nginx", "keda", "runners-controller", "secrets-csi", "secrets-csi-aws",
    ])
    error_message = "Something that was asked for is missing."
  }

  assert {
    condition     = toset(keys(helm_release.objects)) == toset(["argocd", "datadog", "delivery", "runners"])
    error_message = "A controller is told nothing."
  }

  assert {
    condition     = yamldecode(helm_release.charts["datadog"].values[0]).datadogGenericResource.enabled && yamldecode(helm_release.charts["datadog"].values[0]).datadogCRDs.crds.datadogGenericResources
    error_message = "Nobody would make the dashboard and the monitors of deploy/datadog."
  }

  assert {
    condition     = yamldecode(helm_release.charts["ingress-nginx"].values[0]).controller.service.annotations["service.beta.kubernetes.io/aws-load-balancer-target-group-attributes"] == "preserve_client_ip.enabled=true"
    error_message = "All clients would share the balancer's address, and its limits."
  }

  assert {
    condition     = length(yamldecode(helm_release.objects["argocd"].values[0]).objects) == 3 && !strcontains(helm_release.objects["argocd"].values[0], "example/platen-gitops")
    error_message = "Argo CD is told of another repository than that which was named."
  }

  assert {
    condition     = yamldecode(helm_release.runners[0].values[0]).githubConfigUrl == "https://github.com/somebody/platen" && strcontains(helm_release.runners[0].values[0], "image: registry.example.com/runner@sha256:")
    error_message = "Runners are those of another repository, or of no image."
  }

  assert {
    condition     = !strcontains(helm_release.objects["argocd"].values[0], "prod")
    error_message = "Argo CD would deploy prod to dev's cluster."
  }
}

run "a_runner_by_tag_is_refused" {
  command = plan

  variables {
    runners = { repository_url = "https://github.com/somebody/platen", image = "registry.example.com/runner:latest" }
  }

  expect_failures = [var.runners]
}

run "who_deploys_may_look" {
  assert {
    condition     = toset(yamldecode(helm_release.objects["delivery"].values[0]).objects[*].metadata.name) == toset(["platen-delivery", "platen-delivery-apply", "platen-delivery-pods"])
    error_message = "Rights of deploy/pipelines/access.yaml are missing."
  }
}
