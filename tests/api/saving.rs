//! `platen save`: pages to PDFs by a server, from the command line.

use std::{
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use platen_tests::{Client, Pdf, Server, Site, eventually, platen_command, within};
use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use crate::shell::{names, said};

/// Longer than any page here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A server, someone with an account and a key, and a folder to save to.
struct Desk {
    site: Site,
    server: Server,
    ada: Client,
    key: String,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Result<Self> {
        let site = Site::start().await?;
        let server = Server::for_site(&site).await?;
        Self::at(site, server).await
    }

    async fn at(site: Site, server: Server) -> Result<Self> {
        let ada = server.user("ada").await?;
        let new = json!({"name": "command line", "scopes": ["files:read", "files:write"]});
        let key = ada.post("/keys", &new).await?.expect(StatusCode::CREATED)?;
        Ok(Self {
            site,
            server,
            ada,
            key: key["token"].as_str().context("no token")?.to_owned(),
            folder: TempDir::new()?,
        })
    }

    fn save(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = platen_command()?;
        command
            .arg("save")
            .args(arguments)
            .env("PLATEN_SERVER", self.server.origin())
            .env("PLATEN_KEY", &self.key)
            .current_dir(self.folder.path())
            .kill_on_drop(true);
        Ok(command)
    }

    /// By a browser, which has to wait for it.
    async fn a_page_is_asked_for(&self) -> Result<()> {
        eventually("a page is asked for", PATIENCE, async || {
            Ok((self.site.held_requests() > 0).then_some(()))
        })
        .await
    }

    async fn run(&self, arguments: &[&str]) -> Result<Output> {
        output(self.save(arguments)?).await
    }
}

async fn output(mut command: Command) -> Result<Output> {
    within("platen save", PATIENCE, async {
        Ok(command.output().await?)
    })
    .await
}

#[tokio::test]
async fn pages_become_files_named_as_on_the_server() -> Result<()> {
    let desk = Desk::new().await?;
    let pages = [desk.site.url("/simple"), desk.site.url("/second")];
    let output = desk.run(&[&pages[0], &pages[1]]).await?;
    ensure!(output.status.success(), "{}", said(&output));
    let mut listed = Vec::new();
    for file in desk.ada.files().await? {
        listed.push(file["name"].as_str().context("no name")?.to_owned());
    }
    listed.sort();
    let saved = names(desk.folder.path())?;
    assert_eq!(saved, listed);
    for name in &saved {
        let pdf = Pdf::new(&std::fs::read(desk.folder.path().join(name))?)?;
        assert!(!pdf.text().await?.is_empty());
        assert!(
            said(&output).contains(&format!("{name}: 1 page")),
            "{}",
            said(&output)
        );
    }
    // No terminal, no progress; and a key is nobody's business.
    assert!(!said(&output).contains('\x1b'), "{}", said(&output));
    assert!(!said(&output).contains(&desk.key));
    Ok(())
}

#[tokio::test]
async fn it_can_be_part_of_a_pipeline_or_leave_the_pdf_where_it_is() -> Result<()> {
    let desk = Desk::new().await?;
    let page = desk.site.url("/simple");
    let file = desk.folder.path().join("key");
    std::fs::write(&file, format!("{}\n", desk.key))?;
    let arguments = ["-q", "-o", "-", "--paper=a5", "--key-file=key", &*page];
    let mut command = desk.save(&arguments)?;
    // The file counts, whatever the variable says.
    command.env("PLATEN_KEY", "wrong");
    let piped = output(command).await?;
    ensure!(piped.status.success(), "{}", said(&piped));
    assert_eq!(said(&piped), "");
    let sheet = Pdf::new(&piped.stdout)?.info("Page size").await?;
    assert!(sheet.context("no page size")?.contains("x 595"));

    let left = desk.run(&["--no-download", &page]).await?;
    ensure!(left.status.success(), "{}", said(&left));
    let address = String::from_utf8(left.stdout)?;
    let path = address.trim().strip_prefix(desk.server.origin());
    let path = path.and_then(|path| path.strip_prefix("/api/v1"));
    let answer = desk.ada.get(path.context(address.clone())?).await?;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(names(desk.folder.path())?, ["key"]);
    Ok(())
}

#[tokio::test]
async fn what_went_wrong_is_said_and_told_by_the_exit_code() -> Result<()> {
    let desk = Desk::new().await?;
    let (page, missing) = (desk.site.url("/simple"), desk.site.url("/no-such-page"));
    for (arguments, key, code, part) in [
        (
            &["--server=nonsense", &*page][..],
            &*desk.key,
            2,
            "https://",
        ),
        (
            &["--server=http://127.0.0.1:1", &page],
            &desk.key,
            4,
            "cannot be reached",
        ),
        (&[&page], "", 2, "PLATEN_KEY"),
        (&[&page], "wrong", 2, "unauthenticated"),
        (&["--key-file=none", &page], &desk.key, 2, "none"),
        (&["nonsense"], &desk.key, 2, "invalid_url"),
        (&[&page, "--scale=9"], &desk.key, 2, "scale"),
        (&[&page, &page, "-o", "a.pdf"], &desk.key, 2, "--output"),
        (&[&missing], &desk.key, 3, "http_status"),
        (
            &[&page, "-o", "no/such/folder/a.pdf"],
            &desk.key,
            1,
            "no/such/folder",
        ),
        (
            &["--patience=1", &desk.site.url("/held")],
            &desk.key,
            4,
            "--patience",
        ),
    ] {
        let mut command = desk.save(arguments)?;
        command.env("PLATEN_KEY", key);
        let output = output(command).await?;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
    assert!(names(desk.folder.path())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn one_page_that_fails_keeps_no_other_from_being_saved() -> Result<()> {
    let desk = Desk::new().await?;
    let pages = [desk.site.url("/no-such-page"), desk.site.url("/simple")];
    let output = desk.run(&["nonsense", &pages[0], &pages[1]]).await?;
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    for part in ["nonsense: ", "http_status", ": 1 page"] {
        assert!(said(&output).contains(part), "{}", said(&output));
    }
    assert_eq!(names(desk.folder.path())?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_there_is_no_place_for_waits_for_one() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::builder()
        .allow(site.authority())
        .env("PLATEN_REQUESTS_IN_PROGRESS_PER_USER", "1");
    let desk = Desk::at(site, server.start().await?).await?;
    let pages = ["/held?first", "/held?second"].map(|path| desk.site.url(path));
    let saving = output(desk.save(&[&pages[0], &pages[1]])?);
    let watching = async {
        desk.a_page_is_asked_for().await?;
        assert_eq!(desk.ada.files().await?.len(), 1);
        desk.site.release();
        anyhow::Ok(())
    };
    let (saved, ()) = tokio::try_join!(saving, watching)?;
    ensure!(saved.status.success(), "{}", said(&saved));
    assert_eq!(names(desk.folder.path())?.len(), 2);
    assert_eq!(desk.ada.files().await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn interrupted_it_leaves_nothing_here() -> Result<()> {
    let desk = Desk::new().await?;
    let mut command = desk.save(&[&desk.site.url("/held")])?;
    let child = command.stderr(Stdio::piped()).spawn()?;
    let id = child.id().context("it has ended")?;
    desk.a_page_is_asked_for().await?;
    let pid = Pid::from_raw(i32::try_from(id)?).context("no id")?;
    kill_process(pid, Signal::INT)?;
    let output = within("its end", PATIENCE, async {
        Ok(child.wait_with_output().await?)
    })
    .await?;
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(names(desk.folder.path())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn at_a_terminal_it_says_what_is_going_on() -> Result<()> {
    let desk = Desk::new().await?;
    let page = desk.site.url("/simple");
    let plain = desk.save(&[&page])?;
    let program = plain.as_std().get_program().to_string_lossy().into_owned();
    for (quiet, told) in [("", true), ("-q", false)] {
        // Gives it a terminal, and prints what that shows.
        let mut terminal = Command::new("script");
        terminal
            .args([
                "-qec",
                &format!("{program} save {quiet} {page}"),
                "/dev/null",
            ])
            .env("PLATEN_SERVER", desk.server.origin())
            .env("PLATEN_KEY", &desk.key)
            .current_dir(desk.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = output(terminal).await?;
        let shown = String::from_utf8(output.stdout)?;
        ensure!(output.status.success(), "{shown}");
        let progress = format!("0 of 1 done; {page}");
        assert_eq!(shown.contains(&progress[..40]), told, "{shown}");
        assert_eq!(shown.contains(": 1 page"), told, "{shown}");
    }
    Ok(())
}
