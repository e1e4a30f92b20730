//! The Jenkinsfiles, as far as can be said of them without Jenkins.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Result, bail, ensure};

use crate::tools::{attempt, files};

const QUOTES: &str = "'''";

/// The scripts that it hands to a shell; text in quotes of this kind is taken as it stands.
fn scripts(text: &str) -> Vec<&str> {
    text.split("sh '''")
        .skip(1)
        .filter_map(|rest| rest.split(QUOTES).next())
        .collect()
}

/// What opens is closed, in its order, outside of scripts, texts and comments.
fn balanced(text: &str) -> Result<()> {
    let mut open = Vec::new();
    let without_scripts: String = text.split(QUOTES).step_by(2).collect();
    for line in without_scripts.lines() {
        let code = line.split("//").next().unwrap_or_default();
        for letter in code.split('\'').step_by(2).flat_map(str::chars) {
            match letter {
                '{' | '(' | '[' => open.push(letter),
                '}' | ')' | ']' => {
                    let opened = open.pop();
                    let fits = matches!(
                        (opened, letter),
                        (Some('{'), '}') | (Some('('), ')') | (Some('['), ']')
                    );
                    ensure!(fits, "{letter} closes {opened:?}: {line}");
                }
                _ => {}
            }
        }
    }
    ensure!(open.is_empty(), "never closed: {open:?}");
    Ok(())
}

/// One who may route production asks first, and no parameter is pasted into a script.
fn careful(text: &str) -> Result<()> {
    ensure!(
        text.contains("disableConcurrentBuilds()"),
        "releases may overtake each other"
    );
    ensure!(text.contains("timeout(time:"), "it may run for ever");
    // In such quotes Groovy fills in what people have typed, before a shell sees it.
    ensure!(!text.contains("sh \""), "a script is made of parameters");
    ensure!(!text.contains("set -x"), "secrets would be printed");
    Ok(())
}

fn jenkinsfiles() -> Result<Vec<PathBuf>> {
    let files = files("deploy/pipelines/jenkins")?;
    ensure!(files.len() == 3, "{files:?}");
    Ok(files)
}

#[test]
fn jenkinsfiles_are_whole_and_careful() -> Result<()> {
    for file in jenkinsfiles()? {
        let text = fs::read_to_string(&file)?;
        balanced(&text)?;
        careful(&text)?;
    }
    assert!(balanced("pipeline { stages { stage('a)') { } }").is_err());
    assert!(balanced("pipeline { agent ( } )").is_err());
    assert!(
        careful("disableConcurrentBuilds() timeout(time: 1) sh \"route ${params.VERSION}\"")
            .is_err()
    );
    balanced("pipeline { stages { stage('a)') { sh '''case x in x) ;; esac''' } } } // :)")
}

#[test]
fn their_scripts_are_good_shell() -> Result<()> {
    let shellcheck = |script: &str| -> Result<()> {
        // Jenkins takes sh, with -e.
        let mut command = Command::new("shellcheck");
        command.args(["--shell", "sh", "-"]);
        let (succeeded, output, errors) = attempt(&mut command, script)?;
        ensure!(succeeded, "{output}{errors}");
        Ok(())
    };
    let mut found = 0;
    for file in jenkinsfiles()? {
        for script in scripts(&fs::read_to_string(&file)?) {
            shellcheck(script)?;
            found += 1;
        }
    }
    assert!(found >= 5, "only {found} scripts were found");
    let [bad] = scripts("steps { sh '''\n[[ $VERSION ]] && route $VERSION\n''' }")[..] else {
        bail!("the script was not found");
    };
    assert!(shellcheck(bad).is_err());
    Ok(())
}

/// By stage: its name, and what it says. What is before the first of them is everybody's.
fn stages(text: &str) -> Vec<(&str, &str)> {
    text.split("stage('")
        .skip(1)
        .filter_map(|rest| rest.split_once('\''))
        .collect()
}

fn jenkinsfile(name: &str) -> Result<String> {
    let folder = crate::tools::root().join("deploy/pipelines/jenkins");
    Ok(fs::read_to_string(
        folder.join(format!("{name}.Jenkinsfile")),
    )?)
}

#[test]
fn production_waits_for_an_approval() -> Result<()> {
    let pipelines: [(&str, &[&str]); 3] = [
        ("main", &["Check", "Images", "Dev", "Approval", "Prod"]),
        ("routing", &["Approval", "Route"]),
        ("purge", &["Approval", "Purge", "Clean"]),
    ];
    for (name, expected) in pipelines {
        let text = jenkinsfile(name)?;
        let stages = stages(&text);
        let names: Vec<_> = stages.iter().map(|(stage, _)| *stage).collect();
        assert_eq!(names, expected, "{name}");
        for (stage, says) in stages {
            assert_eq!(
                says.contains("submitter 'platen-approvers'"),
                stage == "Approval",
                "{name}: {stage}"
            );
        }
    }
    Ok(())
}

/// The first stage runs what any branch brings along.
#[test]
fn credentials_are_for_the_stages_that_deliver() -> Result<()> {
    let text = jenkinsfile("main")?;
    let before = text.split("stage('").next().unwrap_or_default();
    assert!(!before.contains("credentials("), "{before}");
    for (stage, says) in stages(&text) {
        let delivers = ["Dev", "Prod"].contains(&stage);
        assert_eq!(says.contains("credentials("), delivers, "{stage}");
        assert!(
            !delivers || says.contains("when { branch 'main' }"),
            "{stage}"
        );
    }
    Ok(())
}

/// The name of one environment would have its checks ask the other.
#[test]
fn environments_have_names_of_their_own() -> Result<()> {
    let text = jenkinsfile("main")?;
    for (stage, says) in stages(&text) {
        for (environment, suffix) in [("Dev", "_DEV"), ("Prod", "_PROD")] {
            for variable in ["CLUSTER", "BASE_DOMAIN", "APPLICATION_NAMESPACE"] {
                assert_eq!(
                    says.contains(&format!("{variable}{suffix}")),
                    stage == environment,
                    "{stage}: {variable}{suffix}"
                );
            }
        }
    }
    Ok(())
}
