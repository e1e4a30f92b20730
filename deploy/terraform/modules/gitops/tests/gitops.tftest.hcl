variables {
  environment = "prod"
  repository  = "https://github.com/somebody/releases"
  manifests = {
    project      = <<-YAML
      kind: AppProject
      spec:
        sourceRepos: [https://github.com/example/platen-gitops]
        destinations:
          - {namespace: platen-dev}
          - {namespace: platen-prod}
    YAML
    applications = <<-YAML
      kind: ApplicationSet
      spec:
        goTemplate: true
        generators:
          - matrix:
              generators:
                - list:
                    elements:
                      - {environment: dev, server: here}
                      - {environment: prod, server: here}
                - list:
                    elements:
                      - {part: route}
        template:
          spec: {source: {repoURL: https://github.com/example/platen-gitops}}
    YAML
  }
}

run "a_cluster_follows_the_branch_of_its_environment" {
  command = plan

  assert {
    condition     = output.objects[1].spec.generators[0].matrix.generators[0].list.elements == [{ environment = "prod", server = "here" }]
    error_message = "Argo CD would deploy another environment to this cluster."
  }

  assert {
    condition     = output.objects[0].spec.destinations == [{ namespace = "platen-prod" }]
    error_message = "The project lets another environment into this cluster."
  }

  assert {
    condition     = output.objects[1].spec.generators[0].matrix.generators[1].list.elements == [{ part = "route" }]
    error_message = "Another generator lost something."
  }

  assert {
    condition     = output.objects[1].spec.goTemplate && length(output.objects) == 2
    error_message = "Something else was lost."
  }
}

run "it_is_the_repository_that_was_named" {
  command = plan

  assert {
    condition     = output.objects[0].spec.sourceRepos == ["https://github.com/somebody/releases"] && output.objects[1].spec.template.spec.source.repoURL == "https://github.com/somebody/releases"
    error_message = "Argo CD would look at another repository."
  }
}

run "credentials_are_in_no_url" {
  command = plan

  variables {
    repository = "https://token@github.com/somebody/releases"
  }

  expect_failures = [var.repository]
}
