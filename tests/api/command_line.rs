//! `platen get`: a page to a file, without a server.

use std::{path::Path, process::Output, time::Duration};

use anyhow::{Context, Result, ensure};
use platen_tests::{Pdf, Process, Site, eventually, platen_command, within};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::Command;

use crate::shell::{names, said};

/// Longer than any page here takes on a busy machine, browser included.
const PATIENCE: Duration = Duration::from_mins(1);

/// `platen get` in a folder, allowed to load from the site.
fn get(site: &Site, folder: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = platen_command()?;
    command
        .arg("get")
        .args(arguments)
        .env("PLATEN_EGRESS_ALLOW", site.authority())
        .current_dir(folder)
        .kill_on_drop(true);
    Ok(command)
}

async fn run(site: &Site, folder: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = get(site, folder, arguments)?;
    within("platen get", PATIENCE, async {
        Ok(command.output().await?)
    })
    .await
}

#[tokio::test]
async fn a_page_becomes_a_file_named_after_it_and_never_takes_the_place_of_another() -> Result<()> {
    let (site, folder) = (Site::start().await?, TempDir::new()?);
    let url = site.url("/simple");
    for name in ["127.0.0.1-simple.pdf", "127.0.0.1-simple-2.pdf"] {
        let output = run(&site, folder.path(), &[&url]).await?;
        ensure!(output.status.success(), "{}", said(&output));
        ensure!(
            said(&output).contains(&format!("{name}: 1 page")),
            "{}",
            said(&output)
        );
        let pdf = Pdf::new(&std::fs::read(folder.path().join(name))?)?;
        assert!(!pdf.text().await?.is_empty());
    }
    assert_eq!(names(folder.path())?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn it_can_be_part_of_a_pipeline_and_takes_options() -> Result<()> {
    let (site, folder) = (Site::start().await?, TempDir::new()?);
    let url = site.url("/simple");
    let arguments = ["-q", "-o", "-", "--paper=a5", "--landscape", &*url];
    let output = run(&site, folder.path(), &arguments).await?;
    ensure!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "");
    let sheet = Pdf::new(&output.stdout)?.info("Page size").await?;
    let sheet = sheet.context("no page size")?;
    assert!(sheet.starts_with("595") && sheet.contains("x 4"), "{sheet}");
    assert!(names(folder.path())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_went_wrong_is_said_and_told_by_the_exit_code() -> Result<()> {
    let (site, folder) = (Site::start().await?, TempDir::new()?);
    let (page, missing) = (site.url("/simple"), site.url("/no-such-page"));
    for (arguments, code, part) in [
        (&["nonsense"][..], 2, "address"),
        (&["http://127.0.0.2/"], 2, "public"),
        (&[&*page, "--scale=9"], 2, "scale"),
        (&[&*page, "--no-such-flag"], 2, "--no-such-flag"),
        (&[&*missing], 3, "http_status"),
        (&[&*page, "-o", "no/such/folder/a.pdf"], 1, "no/such/folder"),
    ] {
        let output = run(&site, folder.path(), arguments).await?;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
    assert!(names(folder.path())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn shells_complete_it_and_the_manual_describes_it() -> Result<()> {
    for (arguments, part) in [
        (&["completions", "bash"][..], "complete -F _platen"),
        (&["completions", "zsh"], "#compdef platen"),
        (&["completions", "fish"], "complete -c platen"),
        (&["man"], "Exit codes:"),
        (&["man"], "platen\\-save"),
    ] {
        let output = platen_command()?.args(arguments).output().await?;
        let told = String::from_utf8(output.stdout)?;
        ensure!(
            output.status.success() && told.contains(part),
            "{arguments:?}: {told}"
        );
        assert!(
            told.contains("single"),
            "{arguments:?} has no --single-page"
        );
    }
    Ok(())
}

#[tokio::test]
async fn interrupted_it_leaves_nothing() -> Result<()> {
    let (site, folder) = (Site::start().await?, TempDir::new()?);
    let url = site.url("/held");
    let mut command = get(&site, folder.path(), &[&url])?;
    let child = command.stderr(std::process::Stdio::piped()).spawn()?;
    let id = child.id().context("it has ended")?;
    eventually("the page is asked for", PATIENCE, async || {
        Ok((site.held_requests() > 0).then_some(()))
    })
    .await?;
    let browsers = Process::descendants(id)?;
    assert!(!browsers.is_empty());
    let pid = Pid::from_raw(i32::try_from(id)?).context("no id")?;
    kill_process(pid, Signal::INT)?;
    let output = within("its end", PATIENCE, async {
        Ok(child.wait_with_output().await?)
    })
    .await?;
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(names(folder.path())?.is_empty());
    assert!(browsers.iter().all(|process| !process.is_running()));
    Ok(())
}
