//! Where things are, and how other programs are run.

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

/// The top of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("/"))
}

/// What `scripts/tools/install` has put somewhere.
pub(crate) fn tool(name: &str) -> Result<PathBuf> {
    let found = run(
        Command::new(root().join("scripts/tools/program")).arg(name),
        "",
    )?;
    Ok(PathBuf::from(found.trim_end()))
}

/// Files that git knows, or would take, below `folder`.
pub(crate) fn files(folder: &str) -> Result<Vec<PathBuf>> {
    let listed = run(
        Command::new("git")
            .args([
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard",
                "--",
            ])
            .arg(folder)
            .current_dir(root()),
        "",
    )?;
    let files: Vec<_> = listed
        .lines()
        .map(|file| root().join(file))
        .filter(|file| file.is_file())
        .collect();
    ensure!(!files.is_empty(), "there are no files in {folder}");
    Ok(files)
}

/// Those that end in one of these.
pub(crate) fn files_ending(folder: &str, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = files(folder)?;
    files.retain(|file| {
        file.extension()
            .and_then(OsStr::to_str)
            .is_some_and(|ending| endings.contains(&ending))
    });
    Ok(files)
}

/// What git knows, or would take, of these paths of this tree, as a commit of a repository of its own:
/// images are made of what is committed.
pub(crate) fn copy_of_the_tree(target: &Path, paths: &[&str]) -> Result<()> {
    const COPY: &str = r#"from=$1 to=$2; shift 2
mkdir -p "$to"
git -C "$from" ls-files -z --cached --others --exclude-standard -- "$@" |
  (cd "$from" && xargs -0 cp --parents -t "$to")
cd "$to"
git init --quiet
printf '*.env\nrendered\n' >>.gitignore
git add --all
git -c user.name=test -c user.email=test@localhost commit --quiet --message tree"#;
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", COPY, "copy"]);
    command.arg(root()).arg(target).args(paths);
    run(command.env("GIT_CONFIG_GLOBAL", "/dev/null"), "").map(drop)
}

/// Its standard output; an error with both outputs when it fails.
pub(crate) fn run(command: &mut Command, input: &str) -> Result<String> {
    let (succeeded, output, errors) = attempt(command, input)?;
    ensure!(succeeded, "{command:?} failed:\n{output}{errors}");
    Ok(output)
}

/// Whether it succeeded, and what it wrote.
pub(crate) fn attempt(command: &mut Command, input: &str) -> Result<(bool, String, String)> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{command:?} could not be started"))?;
    let mut stdin = child.stdin.take().context("there is no standard input")?;
    let input = input.to_owned();
    // Beside reading what it writes: neither pipe may fill up.
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    // Who has seen enough closes its input.
    let _ = writing.join();
    Ok((
        output.status.success(),
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?,
    ))
}
