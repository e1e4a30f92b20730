//! What the handbook of operations tells people to run is there to be run.

use std::{collections::BTreeSet, fs, process::Command};

use anyhow::{Context, Result};

use crate::{
    environment::environment,
    kustomize::ENVIRONMENTS,
    tools::{root, run},
};

pub(crate) const OPERATIONS: &str = "docs/OPERATIONS.md";

fn text() -> Result<String> {
    Ok(fs::read_to_string(root().join(OPERATIONS))?)
}

/// Its sections, by what links call them.
pub(crate) fn sections() -> Result<BTreeSet<String>> {
    let text = text()?;
    let headings = outside_of_code(&text).filter_map(|line| {
        line.trim_start_matches('#')
            .strip_prefix(' ')
            .filter(|_| line.starts_with('#'))
    });
    Ok(headings.map(anchor).collect())
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

fn outside_of_code(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2).flat_map(str::lines)
}

/// Commands that people type, each as one line.
fn commands(text: &str) -> Vec<String> {
    let blocks = text.split("```").skip(1).step_by(2);
    let consoles = blocks.filter_map(|block| block.strip_prefix("console\n"));
    consoles
        .flat_map(|console| {
            let joined = console.replace("\\\n", " ");
            joined
                .lines()
                .filter_map(|line| line.strip_prefix("$ ").map(str::to_owned))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What is wrong with how scripts of this repository are called.
fn complaints(text: &str) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for command in commands(text) {
        for call in command
            .split(['|', ';', '('])
            .flat_map(|part| part.split("&&"))
        {
            let mut words = call
                .split_whitespace()
                .skip_while(|word| word.contains('='));
            let Some(script) = words.next().filter(|word| word.starts_with("deploy/")) else {
                continue;
            };
            let path = root().join(script);
            if !path.is_file() {
                wrong.push(format!("there is no {script}"));
                continue;
            }
            let help = run(Command::new(&path).arg("--help"), "")
                .with_context(|| format!("{script} --help"))?;
            for option in words.filter(|word| word.starts_with("--")) {
                if !help
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                    .any(|word| word == option)
                {
                    wrong.push(format!("{script} knows no {option}"));
                }
            }
        }
    }
    Ok(wrong)
}

#[test]
fn scripts_are_called_as_they_want_it() -> Result<()> {
    let text = text()?;
    let called = commands(&text)
        .iter()
        .filter(|command| command.contains("deploy/pipelines/bin/"))
        .count();
    assert!(called > 5, "only {called} calls of scripts were found");
    let complaints = complaints(&text)?;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

#[test]
fn a_call_that_nothing_takes_is_noticed() -> Result<()> {
    let text = "```console\n$ X=1 deploy/pipelines/bin/route --environment dev \\\n    --backwards && deploy/pipelines/bin/rout --previous\n```\n";
    assert_eq!(
        complaints(text)?,
        [
            "deploy/pipelines/bin/route knows no --backwards",
            "there is no deploy/pipelines/bin/rout"
        ]
    );
    Ok(())
}

#[test]
fn what_it_links_to_is_there() -> Result<()> {
    let text = text()?;
    let sections = sections()?;
    let links = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    for link in links {
        if link.starts_with("https://") {
            continue;
        }
        let (path, section) = link.split_once('#').unwrap_or((link, ""));
        assert!(
            root().join("docs").join(path).exists(),
            "{OPERATIONS} links to {link}"
        );
        if path.is_empty() {
            assert!(
                sections.contains(section),
                "{OPERATIONS} has no section {section}"
            );
        }
    }
    Ok(())
}

/// The earlier keys stand beside the key: changing it changes no manifest, and takes no right to another
/// secret.
#[test]
fn keys_overlap_within_one_secret() -> Result<()> {
    for name in ENVIRONMENTS {
        let objects = environment(name)?.objects;
        let settings = objects
            .iter()
            .find(|object| object.is("ConfigMap") && object.name() == "settings");
        let settings = settings.context("there are no settings")?;
        let (secret, key) = settings
            .text("/data/PLATEN_JWT_KEY")
            .split_once('#')
            .context("the key stands in no secret")?;
        assert_eq!(key, "key");
        assert_eq!(
            settings.text("/data/PLATEN_JWT_PREVIOUS_KEYS"),
            format!("{secret}#previous")
        );
    }
    Ok(())
}
