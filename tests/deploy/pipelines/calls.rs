//! Every CI calls the scripts as they are: each that it names is there, and takes what it is given.

use std::{collections::BTreeSet, fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::tools::{files, root, run};

const BIN: &str = "deploy/pipelines/bin/";

/// What calls scripts, by CI.
const CALLERS: [(&str, &str); 3] = [
    ("GitHub Actions", ".github/workflows"),
    ("Jenkins", "deploy/pipelines/jenkins"),
    ("CodePipeline", "deploy/pipelines/codepipeline"),
];

/// Calls in a text: the script, and the options that it is given. A call ends with its line.
fn calls(text: &str) -> Vec<(String, BTreeSet<String>)> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with(['#', '/']))
        .flat_map(|line| line.split(BIN).skip(1))
        .map(|call| {
            let mut words = call
                .split_whitespace()
                .map(|word| word.trim_matches(['\'', '"', ')']));
            let script = words.next().unwrap_or_default().to_owned();
            let options = words
                .filter(|word| word.starts_with("--"))
                .map(ToOwned::to_owned);
            (script, options.collect())
        })
        .collect()
}

fn check(script: &str, options: &BTreeSet<String>) -> Result<()> {
    let path = root().join(BIN).join(script);
    let help = run(Command::new(&path).arg("--help"), "")
        .with_context(|| format!("there is no script {script}"))?;
    for option in options {
        let known = help
            .split(|letter: char| !letter.is_ascii_lowercase() && letter != '-')
            .any(|word| word == option);
        if !known {
            bail!("{script} knows no {option}");
        }
    }
    Ok(())
}

#[test]
fn scripts_are_there_and_take_what_they_are_given() -> Result<()> {
    for (ci, folder) in CALLERS {
        let mut called = BTreeSet::new();
        for file in files(folder)? {
            for (script, options) in calls(&fs::read_to_string(&file)?) {
                check(&script, &options).with_context(|| file.display().to_string())?;
                called.insert(script);
            }
        }
        for script in ["build", "render", "deploy", "promote"] {
            assert!(
                called.contains(script),
                "{ci} does not call {script}: {called:?}"
            );
        }
        if ci != "CodePipeline" {
            for script in ["route", "purge", "clean"] {
                assert!(
                    called.contains(script),
                    "{ci} does not call {script}: {called:?}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn a_call_that_no_script_takes_is_noticed() -> Result<()> {
    let calls = calls(
        "run: |\n  deploy/pipelines/bin/route --environment dev --to one && deploy/pipelines/bin/rout\n",
    );
    let [(route, options), (rout, _)] = calls.as_slice() else {
        bail!("{calls:?}");
    };
    assert!(check(route, options).is_err_and(|error| error.to_string().contains("--to")));
    assert!(check(rout, &BTreeSet::new()).is_err());
    check(
        route,
        &BTreeSet::from(["--environment".to_owned(), "--version".to_owned()]),
    )
}

#[test]
fn every_script_says_what_it_is_for() -> Result<()> {
    for file in files("deploy/pipelines/bin")? {
        let help = run(Command::new(&file).arg("--help"), "")?;
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        assert!(
            help.contains(&format!("  {name} --")),
            "{name} --help has no usage:\n{help}"
        );
    }
    Ok(())
}
