//! The commands of CodeBuild, run as it runs them, on a GitOps repository of their own.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    Delivery,
    delivery::{says, search_path},
};
use crate::{
    object::list,
    tools::{root, run},
};

/// The commands of a buildspec, in one shell, as its version 0.2 has it.
fn commands(name: &str, phases: &[&str]) -> Result<String> {
    let file = root()
        .join("deploy/pipelines/codepipeline")
        .join(format!("{name}.buildspec.yaml"));
    let spec: Value = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
    assert_eq!(spec["version"].to_string(), "0.2");
    assert_eq!(spec["env"]["shell"], "bash");
    let mut script = String::from("set -e\n");
    for phase in phases {
        for command in list(&spec["phases"][phase]["commands"]) {
            script.push_str(command.as_str().context("a command is no text")?);
            script.push('\n');
        }
    }
    Ok(script)
}

/// A program that writes down what it is called with.
fn stand_in(folder: &Path, name: &str, does: &str) -> Result<()> {
    let program = folder.join(name);
    let text = format!(
        "#!/usr/bin/env bash\necho \"{name} $*\" >>'{}/calls'\n{does}\n",
        folder.display()
    );
    fs::write(&program, text)?;
    Ok(fs::set_permissions(
        program,
        fs::Permissions::from_mode(0o755),
    )?)
}

/// Runs commands in a copy of this tree, where programs of `folder` come first.
fn execute(delivery: &Delivery, folder: &Path, tree: &Path, script: &str) -> Result<String> {
    let mut path = folder.as_os_str().to_owned();
    path.push(":");
    path.push(search_path()?);
    let mut command = delivery.prepare("bash", &["-c", script])?;
    run(command.current_dir(tree).env("PATH", path), "")?;
    Ok(fs::read_to_string(folder.join("calls"))?)
}

#[test]
fn a_commit_becomes_images_is_deployed_to_dev_and_promoted() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let digest = "a".repeat(64);
    stand_in(folder.path(), "aws", "")?;
    // What buildx writes down of an image that it has pushed.
    stand_in(
        folder.path(),
        "docker",
        &format!(
            "while (($# > 1)); do\n\
             if [[ $1 == --metadata-file ]]; then echo '{{\"containerimage.digest\": \"sha256:{digest}\"}}' >\"$2\"; fi\n\
             shift\n\
             done"
        ),
    )?;
    let delivery = Delivery::new()?
        .with("ACCOUNT_ID", "111122223333")
        .with("AWS_REGION", "eu-central-1")
        .with("APPLICATION_NAME", "pages")
        .with("CLUSTER", "a-cluster")
        .with("ENVIRONMENT", "dev");
    let tree = delivery.copy_of_the_tree()?;
    let tree = Path::new(&tree);

    let calls = execute(
        &delivery,
        folder.path(),
        tree,
        &commands("build", &["build"])?,
    )?;
    let registry = "111122223333.dkr.ecr.eu-central-1.amazonaws.com";
    let images = fs::read_to_string(tree.join("images.env"))?;
    let version = images
        .lines()
        .find_map(|line| line.strip_prefix("VERSION="))
        .context("no version was written down")?;
    for (variable, name) in [
        ("BACKEND", "backend"),
        ("FRONTEND", "frontend"),
        ("CONVERTER", "converter"),
    ] {
        says(
            &images,
            &[&format!(
                "{variable}_IMAGE={registry}/pages-{name}@sha256:{digest}"
            )],
        )?;
        says(
            &calls,
            &[&format!("--tag {registry}/pages-{name}:{version}")],
        )?;
    }
    // Lambda takes no image that has become an index by an attestation.
    assert_eq!(calls.matches("--provenance=false").count(), 3, "{calls}");
    // Whoever builds them, on whatever machine.
    assert_eq!(
        calls.matches("--platform linux/amd64").count(),
        3,
        "{calls}"
    );

    let artifact = tree.display().to_string();
    let delivery = delivery
        .with("CODEBUILD_SRC_DIR_Images", &artifact)
        .with("VERSION", version);
    execute(
        &delivery,
        folder.path(),
        tree,
        &commands("deploy", &["pre_build", "build"])?,
    )?;
    assert_eq!(delivery.active("dev")?, version);
    assert_eq!(delivery.commits("prod")?, 0);

    let calls = execute(
        &delivery,
        folder.path(),
        tree,
        &commands("promote", &["pre_build", "build"])?,
    )?;
    assert_eq!(delivery.active("prod")?, version);
    // This delivery knows no cluster; one that does learns first where it is.
    assert!(!calls.contains("update-kubeconfig"), "{calls}");
    for name in ["deploy", "promote"] {
        let before = commands(name, &["pre_build"])?;
        let script = format!("export DELIVERY_SYNC=argocd\n{before}");
        let calls = execute(&delivery, folder.path(), tree, &script)?;
        says(&calls, &["aws eks update-kubeconfig --name a-cluster"])?;
        fs::remove_file(folder.path().join("calls"))?;
    }
    Ok(())
}

#[test]
fn what_is_in_no_commit_gets_into_no_image() -> Result<()> {
    let delivery = Delivery::new()?.with("DELIVERY_REGISTRY", "127.0.0.1:5000");
    let tree = delivery.copy_of_the_tree()?;
    fs::write(Path::new(&tree).join("deploy/something"), "")?;
    let script =
        format!("! '{tree}/deploy/pipelines/bin/build' --builder true --output images.env 2>&1");
    let said = run(&mut delivery.prepare("bash", &["-c", &script])?, "")?;
    says(&said, &["the work tree has changes that are in no commit"])
}

/// The tag of an image may be there from before; what is pushed under it has to be what was built.
#[test]
fn an_image_that_is_not_built_is_not_pushed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    stand_in(folder.path(), "buildah", "[[ $1 != build ]]")?;
    let delivery = Delivery::new()?.with("DELIVERY_REGISTRY", "127.0.0.1:5000");
    let tree = delivery.copy_of_the_tree()?;
    let script = "! deploy/pipelines/bin/build --builder buildah --output images.env";
    let calls = execute(&delivery, folder.path(), Path::new(&tree), script)?;
    says(&calls, &["buildah build", "--platform linux/amd64"])?;
    assert!(!calls.contains("buildah push"), "{calls}");
    assert!(!Path::new(&tree).join("images.env").exists());
    Ok(())
}

#[test]
fn images_are_for_what_runs_them() -> Result<()> {
    let function: Value = serde_saphyr::from_str(&fs::read_to_string(
        root().join("deploy/ack/release/function.yaml"),
    )?)?;
    assert_eq!(
        function["spec"]["architectures"],
        serde_json::json!(["x86_64"])
    );
    let build = fs::read_to_string(root().join("deploy/pipelines/bin/build"))?;
    says(&build, &["PLATFORM=linux/amd64"])
}
