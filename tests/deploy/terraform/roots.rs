//! The two roots: arguments that the providers know, references that lead somewhere, and what comes out of
//! it with mocks, for each environment.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{modules::asserted, tofu, values};
use crate::{
    kustomize::ENVIRONMENTS,
    tools::{attempt, files_ending, root, run, tool},
};

const ROOTS: [&str; 2] = ["infrastructure", "cluster-addons"];

/// A copy of a root with all that it reads, where no provider is asked for on any network.
struct Workspace {
    work: TempDir,
    root: &'static str,
}

impl Workspace {
    fn new(name: &'static str) -> Result<Self> {
        let work = tempfile::tempdir()?;
        fs::create_dir(work.path().join("deploy"))?;
        for part in ["terraform", "argocd", "runners", "pipelines"] {
            run(
                Command::new("cp")
                    .arg("-r")
                    .arg(root().join("deploy").join(part))
                    .arg(work.path().join("deploy")),
                "",
            )?;
        }
        let settings = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            tool("terraform-providers")?.display()
        );
        fs::write(work.path().join("tofu.rc"), settings)?;
        Ok(Self { work, root: name })
    }

    fn folder(&self) -> PathBuf {
        self.work.path().join("deploy/terraform").join(self.root)
    }

    fn tofu(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let mut command = tofu(&self.folder(), arguments)?;
        command
            .env("TF_CLI_CONFIG_FILE", self.work.path().join("tofu.rc"))
            .env("TERRAFORM_PROVIDER_KINDS", kinds(&self.folder())?);
        let (passed, output, errors) = attempt(&mut command, "")?;
        Ok((passed, output + &errors))
    }

    fn validate(&self) -> Result<(bool, String)> {
        let (initialised, output) = self.tofu(&["init", "-backend=false", "-no-color"])?;
        if !initialised {
            return Ok((false, output));
        }
        self.tofu(&["validate", "-no-color"])
    }
}

/// The kinds of things that a root names: all there are would take a minute to tell.
fn kinds(folder: &Path) -> Result<String> {
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "tf") {
            for line in fs::read_to_string(path)?.lines() {
                let mut words = line.split_whitespace();
                if let (Some("resource" | "data"), Some(kind)) = (words.next(), words.next()) {
                    kinds.insert(kind.trim_matches('"').to_owned());
                }
            }
        }
    }
    Ok(Vec::from_iter(kinds).join(","))
}

#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn roots_are_valid_and_pass_their_tests() -> Result<()> {
    for name in ROOTS {
        let workspace = Workspace::new(name)?;
        let (valid, output) = workspace.validate()?;
        assert!(valid, "{name}: {output}");
        let (passed, output) = workspace.tofu(&["test", "-no-color"])?;
        assert!(passed && output.contains("0 failed"), "{name}: {output}");
    }
    Ok(())
}

#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn what_providers_do_not_know_is_noticed() -> Result<()> {
    for (name, file, from, to) in [
        ("infrastructure", "files.tf", "range_key  ", "sort_key  "),
        ("infrastructure", "files.tf", "  ttl {", "  time_to_live {"),
        (
            "infrastructure",
            "database.tf",
            "multi_az               = var.database.two_zones",
            "multi_az               = var.zones",
        ),
        (
            "infrastructure",
            "cluster.tf",
            "  role_arn = aws_iam_role.cluster.arn\n",
            "",
        ),
        (
            "infrastructure",
            "outputs.tf",
            "aws_sqs_queue.work.url",
            "aws_sqs_queue.work.address",
        ),
        (
            "infrastructure",
            "identity.tf",
            "module.policies.trust.pod",
            "module.policies.trusts.pod",
        ),
        (
            "cluster-addons",
            "charts.tf",
            "var.argo_rollouts",
            "var.rollouts",
        ),
        (
            "cluster-addons",
            "charts.tf",
            "  chart  ",
            "  name_of_chart  ",
        ),
    ] {
        let workspace = Workspace::new(name)?;
        let path = workspace.folder().join(file);
        let good = fs::read_to_string(&path)?;
        assert!(good.contains(from), "there is no {from:?} in {file}");
        fs::write(&path, good.replace(from, to))?;
        assert!(!workspace.validate()?.0, "{file} is valid with {to:?}");
    }
    Ok(())
}

#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn their_tests_notice() -> Result<()> {
    for (name, file, from, to) in [
        (
            "infrastructure",
            "files.tf",
            "6 * var.function_timeout",
            "var.function_timeout",
        ),
        (
            "infrastructure",
            "render.tf",
            "egress         = true",
            "egress         = false",
        ),
        (
            "infrastructure",
            "registry.tf",
            "concat([var.account_id], var.registry_readers)",
            "var.registry_readers",
        ),
        (
            "infrastructure",
            "registry.tf",
            "if image == \"converter\" || length(var.registry_readers) > 0",
            "if length(var.registry_readers) > 0",
        ),
        (
            "infrastructure",
            "cluster.tf",
            "cidr_ipv4         = var.cluster_cidr",
            "cidr_ipv4         = \"0.0.0.0/0\"",
        ),
        (
            "infrastructure",
            "render.tf",
            "local.names.function_log",
            "local.names.refused_log",
        ),
        ("cluster-addons", "charts.tf", "var.secrets_csi", "true"),
        (
            "cluster-addons",
            "charts.tf",
            "preserve_client_ip.enabled=true",
            "preserve_client_ip.enabled=false",
        ),
        (
            "cluster-addons",
            "charts.tf",
            "datadogGenericResource = { enabled = true }",
            "datadogGenericResource = { enabled = false }",
        ),
    ] {
        let workspace = Workspace::new(name)?;
        let path = workspace.folder().join(file);
        let good = fs::read_to_string(&path)?;
        assert!(good.contains(from), "there is no {from:?} in {file}");
        fs::write(&path, good.replace(from, to))?;
        let (valid, output) = workspace.validate()?;
        assert!(valid, "{output}");
        let (passed, _) = workspace.tofu(&["test", "-no-color"])?;
        assert!(!passed, "{name} passes with {to:?} in {file}");
    }
    Ok(())
}

/// What comes out of an environment's variables is what its manifests have.
#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn environments_are_what_their_manifests_name() -> Result<()> {
    for name in ENVIRONMENTS {
        let values = values(name)?;
        let expected: Vec<_> = named()?
            .into_iter()
            // AWS chooses these, and mocks do.
            .filter(|key| {
                !key.starts_with("RENDER_") && !key.ends_with("_ARN") && !key.ends_with("_URL")
                    || key == "DATABASE_URL"
            })
            .map(|key| {
                let value = values.text(&format!("/data/{key}")).to_owned();
                (format!("output.environment.{key}"), value)
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(output, value)| (output.as_str(), value.clone()))
            .collect();
        for root in ROOTS {
            let workspace = Workspace::new(root)?;
            let tests = workspace.folder().join("tests");
            let mocks = fs::read_dir(&tests)?
                .next()
                .context("there are no tests")??
                .path();
            let mocked = fs::read_to_string(&mocks)?;
            let mocked = mocked
                .split_once("variables {")
                .context("it mocks nothing")?
                .0;
            let asserts: &[_] = if root == "infrastructure" {
                &expected
            } else {
                &[(
                    "var.base_domain",
                    values.text("/data/BASE_DOMAIN").to_owned(),
                )]
            };
            // They are to be applied: a plan does not know what comes out.
            let run = asserted(asserts).replace(" command = plan\n", "");
            fs::write(&mocks, format!("{mocked}{run}"))?;
            let variables = format!("-var-file=environments/{name}.tfvars");
            let (valid, output) = workspace.validate()?;
            assert!(valid, "{output}");
            let (passed, output) = workspace.tofu(&["test", "-no-color", &variables])?;
            assert!(passed, "{root} of {name}: {output}");
        }
    }
    Ok(())
}

/// The keys of the output that is told to the manifests.
fn named() -> Result<Vec<String>> {
    let outputs = fs::read_to_string(root().join("deploy/terraform/infrastructure/outputs.tf"))?;
    let (_, output) = outputs
        .split_once("output \"environment\"")
        .context("there is no output `environment`")?;
    let (output, _) = output.split_once("\n}\n").context("it has no end")?;
    Ok(output
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key.trim().to_owned())
        .filter(|key| {
            key.chars()
                .all(|letter| letter.is_ascii_uppercase() || letter == '_')
        })
        .collect())
}

#[test]
fn manifests_ask_for_what_the_output_has() -> Result<()> {
    let named: BTreeSet<_> = named()?.into_iter().collect();
    for name in ENVIRONMENTS {
        let values = values(name)?;
        let asked: BTreeSet<_> = values
            .at("/data")
            .as_object()
            .context("it has no data")?
            .keys()
            .cloned()
            .collect();
        assert_eq!(named, asked, "{name}");
    }
    Ok(())
}

/// Each environment has its variables and its state, and no two states are one.
#[test]
fn states_are_kept_apart() -> Result<()> {
    let mut states = BTreeSet::new();
    for root_name in ROOTS {
        for name in ENVIRONMENTS {
            let folder = root()
                .join("deploy/terraform")
                .join(root_name)
                .join("environments");
            assert!(folder.join(format!("{name}.tfvars")).is_file());
            let backend = fs::read_to_string(folder.join(format!("{name}.tfbackend")))?;
            for setting in ["encrypt      = true", "use_lockfile = true"] {
                assert!(
                    backend.contains(setting),
                    "{name} of {root_name}: {setting}"
                );
            }
            let key = format!("\"{name}/{root_name}.tfstate\"");
            assert!(backend.contains(&key), "{name} of {root_name}: {key}");
            states.insert(key);
        }
    }
    assert_eq!(states.len(), ROOTS.len() * ENVIRONMENTS.len());
    Ok(())
}

/// A function and its mapping belong to ACK, and what is in a secret to whoever put it there.
#[test]
fn nothing_has_two_owners() -> Result<()> {
    for file in files_ending("deploy/terraform", &["tf"])? {
        let text = fs::read_to_string(&file)?;
        for kind in [
            "aws_lambda_function",
            "aws_lambda_event_source_mapping",
            "aws_secretsmanager_secret_version",
            "random_password",
        ] {
            assert!(
                !text.contains(&format!("resource \"{kind}\"")),
                "{} makes {kind}",
                file.display()
            );
        }
    }
    Ok(())
}
