//! What can be said of the files themselves.

use std::{fs, process::Command};

use anyhow::Result;

use crate::{
    policy::looks_secret,
    tools::{attempt, files, files_ending, root, tool},
};

#[test]
fn manifests_are_tidy() -> Result<()> {
    let mut command = Command::new(tool("yamllint")?);
    command
        .args(["--strict", "--config-file"])
        .arg(root().join("deploy/.yamllint.yaml"))
        .args(files_ending("deploy", &["yaml", "yml"])?)
        .args(files_ending(".github", &["yaml", "yml"])?);
    let (clean, output, errors) = attempt(&mut command, "")?;
    assert!(clean, "{output}{errors}");
    Ok(())
}

#[test]
fn no_file_holds_a_secret() -> Result<()> {
    for folder in ["deploy", ".github", "scripts"] {
        for file in files(folder)? {
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            assert_eq!(looks_secret(&text), None, "{}", file.display());
        }
    }
    Ok(())
}

/// The runners' pods are as restricted as ours; their chart makes them, so they are judged as they
/// would be in a Deployment.
#[test]
fn runners_are_restricted_pods() -> Result<()> {
    let values = fs::read_to_string(root().join("deploy/runners/values.yaml"))?;
    let values: serde_json::Value = serde_saphyr::from_str(&values)?;
    let pod = &values["template"]["spec"];
    let context = &pod["securityContext"];
    assert_eq!(context["runAsNonRoot"], true);
    assert_eq!(context["seccompProfile"]["type"], "RuntimeDefault");
    assert_eq!(pod["automountServiceAccountToken"], false);
    let container = &pod["containers"][0];
    assert_eq!(
        container["securityContext"]["allowPrivilegeEscalation"],
        false
    );
    assert_eq!(
        container["securityContext"]["capabilities"]["drop"][0],
        "ALL"
    );
    assert!(container["resources"]["limits"]["memory"].is_string());
    assert!(
        values["githubConfigSecret"].is_string(),
        "a secret is named, never written out"
    );
    Ok(())
}
