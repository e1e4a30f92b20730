//! What Terraform would make. No account is asked: modules need no provider, and for the roots' providers
//! something stands in that knows what they take and give.

mod modules;
mod roots;

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    object::{self, Object},
    tools::{root, tool},
};

/// `tofu` in a folder, with no settings of whoever runs the tests, and without asking whether there is a
/// newer one.
fn tofu(folder: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(tool("tofu")?);
    command
        .arg(format!("-chdir={}", folder.display()))
        .args(arguments)
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .env("CHECKPOINT_DISABLE", "1");
    Ok(command)
}

/// What the manifests of an environment name.
fn values(environment: &str) -> Result<Object> {
    let path = format!("deploy/overlays/{environment}/environment/environment.yaml");
    let text = fs::read_to_string(root().join(path))?;
    object::parse(&text)?.pop().context("it holds no object")
}
