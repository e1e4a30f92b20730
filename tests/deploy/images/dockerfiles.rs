//! What images are made from: Dockerfiles that are clean, end without tools and without root, and start
//! from whatever base they are given.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use crate::tools::{attempt, root, tool};

const DOCKERFILES: [&str; 3] = [
    "Dockerfile.backend",
    "converter-lambda/Dockerfile",
    "frontend/Dockerfile",
];

fn read(path: &str) -> Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("{path} cannot be read"))
}

/// Instructions with their continued lines in one, comments left out.
fn instructions(dockerfile: &str) -> Vec<String> {
    let lines = dockerfile.lines().filter(|line| !line.starts_with('#'));
    let text: Vec<_> = lines.collect();
    let joined = text.join("\n").replace("\\\n", " ");
    joined
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

/// What is wrong with a Dockerfile beyond what hadolint knows.
fn complaints(dockerfile: &str) -> Vec<String> {
    let instructions = instructions(dockerfile);
    let mut wrong = Vec::new();
    for from in instructions.iter().filter(|line| line.starts_with("FROM ")) {
        let base = from.split_whitespace().nth(1).unwrap_or_default();
        let argument = base
            .strip_prefix("${")
            .and_then(|base| base.strip_suffix('}'));
        let given = argument.is_some_and(|argument| {
            instructions
                .iter()
                .any(|line| line.starts_with(&format!("ARG {argument}=")))
        });
        if !given {
            wrong.push(format!("{base} cannot be replaced by another base"));
        }
    }
    let last = instructions
        .iter()
        .rposition(|line| line.starts_with("FROM "));
    let last = &instructions[last.unwrap_or(0)..];
    let has = |start: &str| last.iter().any(|line| line.starts_with(start));
    let user = last
        .iter()
        .rev()
        .find_map(|line| line.strip_prefix("USER "));
    // By number: a cluster that refuses root cannot know who a name is.
    let number = user.and_then(|user| user.split(':').next()?.parse::<u32>().ok());
    if number.unwrap_or(0) == 0 {
        wrong.push("runs as root".into());
    }
    if !has("HEALTHCHECK ") {
        wrong.push("says nothing of its health".into());
    }
    if !last
        .iter()
        .any(|line| line.contains("org.opencontainers.image.title="))
    {
        wrong.push("has no labels".into());
    }
    if !last.iter().any(|line| line.contains("/usr/share/sbom/")) {
        wrong.push("does not say what it is made of".into());
    }
    if last
        .iter()
        .any(|line| line.contains("cargo ") || line.contains("build-essential"))
    {
        wrong.push("has build tools in it".into());
    }
    if last.iter().any(|line| line.starts_with("COPY . ")) {
        wrong.push("has the sources in it".into());
    }
    wrong
}

#[test]
fn dockerfiles_are_clean() -> Result<()> {
    let mut command = Command::new(tool("hadolint")?);
    command.args(DOCKERFILES.map(|path| root().join(path)));
    let (clean, output, errors) = attempt(&mut command, "")?;
    assert!(clean, "{output}{errors}");
    for path in DOCKERFILES {
        let complaints = complaints(&read(path)?);
        assert!(complaints.is_empty(), "{path}: {}", complaints.join(", "));
    }
    Ok(())
}

#[test]
fn dockerfiles_that_are_not_are_noticed() -> Result<()> {
    let good = read("Dockerfile.backend")?;
    for (from, to, expected) in [
        (
            "FROM ${RUNTIME_IMAGE}",
            "FROM debian:trixie-slim",
            "replaced",
        ),
        ("USER 10001:10001", "USER root", "root"),
        ("USER 10001:10001", "USER platen", "root"),
        ("HEALTHCHECK", "STOPSIGNAL", "health"),
        ("org.opencontainers.image.title", "title", "labels"),
        ("/usr/share/sbom/", "/tmp/", "made of"),
        ("COPY --from=build /sbom.json", "COPY . .", "sources"),
        (
            "EXPOSE 8080",
            "RUN apt-get install build-essential",
            "build tools",
        ),
    ] {
        assert!(good.contains(from), "there is no {from:?} to break");
        let complaints = complaints(&good.replace(from, to));
        let noticed = complaints
            .iter()
            .any(|complaint| complaint.contains(expected));
        assert!(noticed, "{to:?} passed: {complaints:?}");
    }
    let untidy = "FROM debian\nRUN cd /tmp && apt-get install curl\n";
    let (clean, output, _) = attempt(Command::new(tool("hadolint")?).arg("-"), untidy)?;
    assert!(!clean && output.contains("DL3006"), "{output}");
    Ok(())
}

/// An image is built from what is sent to the builder, and a registry shows it to others.
#[test]
fn nothing_private_is_sent_to_the_builder() -> Result<()> {
    let ignored = read(".dockerignore")?;
    for path in ["**/.git", "**/target", "**/node_modules", "data"] {
        assert!(ignored.lines().any(|line| line == path), "{path} is sent");
    }
    Ok(())
}
