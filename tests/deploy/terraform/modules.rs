//! The modules that need no provider: names, networks, policies, and what Argo CD is told. Their own tests
//! run, must be able to fail, and what they give has to be what the manifests name.

use std::{fs, path::Path, process::Command};

use anyhow::Result;
use tempfile::TempDir;

use super::{tofu, values};
use crate::{
    kustomize::ENVIRONMENTS,
    tools::{attempt, root, run, tool},
};

const MODULES: [&str; 4] = ["gitops", "naming", "networks", "policies"];

/// A copy to work in: `init` leaves things behind.
fn copy(module: &str) -> Result<TempDir> {
    let work = tempfile::tempdir()?;
    let source = root()
        .join("deploy/terraform/modules")
        .join(module)
        .join(".");
    run(
        Command::new("cp").arg("-r").arg(source).arg(work.path()),
        "",
    )?;
    Ok(work)
}

/// Whether its tests pass, and what they said.
fn test(module: &Path) -> Result<(bool, String)> {
    run(&mut tofu(module, &["init", "-backend=false"])?, "")?;
    let (passed, output, errors) = attempt(&mut tofu(module, &["test", "-no-color"])?, "")?;
    Ok((passed, output + &errors))
}

#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn modules_pass_their_tests() -> Result<()> {
    for module in MODULES {
        let work = copy(module)?;
        let (passed, output) = test(work.path())?;
        assert!(passed, "{module}: {output}");
        assert!(
            output.contains("0 failed"),
            "{module} has no tests: {output}"
        );
    }
    Ok(())
}

#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn their_tests_notice() -> Result<()> {
    for (module, from, to) in [
        (
            "policies",
            "\"sqs:GetQueueAttributes\", \"sqs:SendMessage\"",
            "\"sqs:*\"",
        ),
        ("policies", "Resource = [local.pdfs]", "Resource = [\"*\"]"),
        (
            "policies",
            "[\"s3:DeleteObject\", \"s3:GetObject\"]",
            "[\"s3:PutObject\"]",
        ),
        ("policies", "[\"ref:refs/heads/main\"]", "[\"*\"]"),
        ("policies", "/*.tflock", "/*"),
        (
            "policies",
            "environment:${var.environment}\"",
            "environment:*\"",
        ),
        ("gitops", "if element.environment == var.environment", ""),
        ("policies", "[var.arns.converter_role]", "[\"*\"]"),
        // What ACK's controller asks of a function at each look, and of a mapping.
        ("policies", "\"GetFunctionEventInvokeConfig\", ", ""),
        ("policies", "\"lambda:TagResource\", ", ""),
        ("policies", "iam:CreateServiceLinkedRole", "iam:GetRole"),
        (
            "policies",
            "role/aws-service-role/elasticloadbalancing.amazonaws.com/*",
            "role/*",
        ),
        (
            "policies",
            "\"logs:CreateLogStream\", \"logs:PutLogEvents\"], Resource = [var.arns.logs",
            "\"logs:CreateLogGroup\", \"logs:PutLogEvents\"], Resource = [var.arns.logs",
        ),
        (
            "naming",
            "coalesce(var.namespace, \"platen-${var.environment}\")",
            "local.prefix",
        ),
        ("networks", "number = 900", "number = 150"),
        ("networks", "\"172.16.0.0/12\",", ""),
        (
            "networks",
            "local.sixteenths[1], 2",
            "local.sixteenths[0], 2",
        ),
        ("naming", "{0,15}", "{0,40}"),
        (
            "naming",
            "-converter\"\n",
            "-converter-of-pages-to-pdfs-and-more\"\n",
        ),
    ] {
        let work = copy(module)?;
        let path = work.path().join("main.tf");
        let good = fs::read_to_string(&path)?;
        assert!(
            good.contains(from),
            "there is no {from:?} to break in {module}"
        );
        fs::write(&path, good.replace(from, to))?;
        assert!(!test(work.path())?.0, "{module} passes with {to:?}");
    }
    Ok(())
}

#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn files_are_formatted() -> Result<()> {
    let mut command = Command::new(tool("tofu")?);
    command
        .args(["fmt", "-check", "-recursive", "-diff"])
        .arg(root().join("deploy/terraform"));
    let (formatted, output, errors) = attempt(&mut command, "")?;
    assert!(formatted, "{output}{errors}");
    Ok(())
}

/// Terraform makes what the manifests name, and tells them nothing else.
#[test]
#[ignore = "takes OpenTofu, some minutes to build: make test-deploy"]
fn manifests_name_what_the_modules_call_things() -> Result<()> {
    for name in ENVIRONMENTS {
        let values = values(name)?;
        let value = |key: &str| values.text(&format!("/data/{key}")).to_owned();
        let naming = format!(
            "variables {{\n  environment = \"{}\"\n  account_id = \"{}\"\n  region = \"{}\"\n}}\n{}",
            value("ENVIRONMENT"),
            value("ACCOUNT_ID"),
            value("AWS_REGION"),
            asserted(&[
                ("output.names.queue", value("QUEUE_NAME")),
                ("output.arns.queue", value("QUEUE_ARN")),
                ("output.names.dead_letters", value("DEAD_LETTERS_NAME")),
                ("output.arns.dead_letters", value("DEAD_LETTERS_ARN")),
                ("output.names.table", value("TABLE")),
                ("output.names.bucket", value("BUCKET")),
                ("output.names.function", value("FUNCTION_NAME")),
                (
                    "output.names.function_log",
                    format!("/aws/lambda/{}", value("FUNCTION_NAME"))
                ),
                ("output.arns.converter_role", value("CONVERTER_ROLE_ARN")),
                ("output.names.settings_secret", value("SETTINGS_SECRET")),
                (
                    "\"secretsmanager:${output.names.database_secret}#url\"",
                    value("DATABASE_URL")
                ),
                (
                    "\"secretsmanager:${output.names.jwt_key_secret}#key\"",
                    value("JWT_KEY")
                ),
            ])
        );
        let networks = format!(
            "variables {{\n  cluster_cidr = \"{}\"\n  render_cidr = \"10.200.0.0/20\"\n  zones = [\"a\", \"b\"]\n}}\n{}",
            value("VPC_CIDR"),
            asserted(&[("output.database_cidr", value("DATABASE_CIDR"))])
        );
        for (module, tests) in [("naming", naming), ("networks", networks)] {
            let work = copy(module)?;
            fs::remove_dir_all(work.path().join("tests"))?;
            fs::write(work.path().join("manifests.tftest.hcl"), tests)?;
            let (passed, output) = test(work.path())?;
            assert!(passed, "{name}: {output}");
        }
    }
    Ok(())
}

pub(super) fn asserted(expected: &[(&str, String)]) -> String {
    let asserts: Vec<_> = expected
        .iter()
        .map(|(output, value)| {
            format!(
                "assert {{\n condition = {output} == \"{value}\"\n error_message = \"not {value}\"\n}}"
            )
        })
        .collect();
    format!(
        "run \"named\" {{\n command = plan\n{}\n}}\n",
        asserts.join("\n")
    )
}
