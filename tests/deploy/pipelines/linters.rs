//! Linters for what runs in a CI, each on something bad beside the good.

use std::{ffi::OsStr, fs, path::PathBuf, process::Command};

use anyhow::{Result, ensure};

use crate::tools::{attempt, files, root, tool};

/// Runs a linter on files; an error with what it found, when it finds something.
fn lint(name: &str, options: &[&str], files: &[PathBuf]) -> Result<()> {
    let mut command = Command::new(tool(name)?);
    // None of them is to ask anybody.
    command
        .args(options)
        .args(files)
        .current_dir(root())
        .env_remove("GH_TOKEN");
    let (succeeded, output, errors) = attempt(&mut command, "")?;
    ensure!(succeeded, "{name} found something:\n{output}{errors}");
    Ok(())
}

/// What it finds in a file of this name and text.
fn finding(name: &str, options: &[&str], file: &str, text: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(file);
    fs::write(&path, text)?;
    match lint(name, options, &[path]) {
        Ok(()) => anyhow::bail!("{name} finds nothing in {text}"),
        Err(found) => Ok(found.to_string()),
    }
}

const ZIZMOR: [&str; 4] = ["--offline", "--no-progress", "--persona", "regular"];

/// Half of it is a script that a title of a pull request could be part of.
const INJECTED: &str = "
name: bad
on: pull_request_target
permissions: write-all
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ github.event.pull_request.title }}
";

#[test]
fn actionlint_finds_nothing_in_workflows() -> Result<()> {
    let options = ["-shellcheck", "shellcheck", "-pyflakes", ""];
    lint("actionlint", &options, &files(".github/workflows")?)?;
    let found = finding("actionlint", &options, "bad.yml", INJECTED)?;
    assert!(found.contains("potentially untrusted"), "{found}");
    Ok(())
}

#[test]
fn zizmor_finds_nothing_in_workflows() -> Result<()> {
    lint("zizmor", &ZIZMOR, &files(".github/workflows")?)?;
    let found = finding("zizmor", &ZIZMOR, "bad.yml", INJECTED)?;
    for audit in ["dangerous-triggers", "template-injection"] {
        assert!(found.contains(audit), "{audit}: {found}");
    }
    Ok(())
}

#[test]
fn cfn_lint_finds_nothing_in_the_template() -> Result<()> {
    let template = root().join("deploy/pipelines/codepipeline/pipeline.yaml");
    let options = ["--regions", "eu-central-1", "--"];
    lint("cfn-lint", &options, &[template])?;
    let bad = "Resources: {Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketNam: x}}}";
    let found = finding("cfn-lint", &options, "bad.yaml", bad)?;
    assert!(found.contains("BucketNam"), "{found}");
    Ok(())
}

#[test]
fn shellcheck_finds_nothing_in_scripts() -> Result<()> {
    let mut scripts = files("deploy/pipelines")?;
    scripts.retain(|file| {
        file.extension() == Some(OsStr::new("sh"))
            || fs::read_to_string(file).is_ok_and(|text| text.starts_with("#!/usr/bin/env bash"))
    });
    ensure!(
        scripts.len() > 15,
        "only {} scripts were found",
        scripts.len()
    );
    let shellcheck = |scripts: &[PathBuf]| -> Result<()> {
        let mut command = Command::new("shellcheck");
        command
            .arg("--external-sources")
            .args(scripts)
            .current_dir(root());
        let (succeeded, output, errors) = attempt(&mut command, "")?;
        ensure!(succeeded, "shellcheck found something:\n{output}{errors}");
        Ok(())
    };
    shellcheck(&scripts)?;
    let folder = tempfile::tempdir()?;
    let bad = folder.path().join("bad");
    fs::write(&bad, "#!/usr/bin/env bash\nrm -r $1\n")?;
    ensure!(
        shellcheck(&[bad]).is_err(),
        "shellcheck finds nothing in a bad script"
    );
    Ok(())
}
