//! The first page as a picture, of PDFs that Platen made and of others.

use std::{
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use platen_tests::{
    Answer, Client, Process, Server, Site, eventually, foreign_pdf, platen_command, within,
};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// Longer than a picture is granted, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

fn path(file: &Value) -> Result<String> {
    let name = file["name"].as_str().context("no name")?;
    Ok(format!("/file/{name}/thumbnail"))
}

/// Width and height of a PNG.
fn size(picture: &[u8]) -> Result<(u32, u32)> {
    ensure!(picture.starts_with(b"\x89PNG"), "no PNG");
    let number = |at: usize| -> Result<u32> {
        let bytes = picture.get(at..at + 4).context("too short")?;
        Ok(u32::from_be_bytes(bytes.try_into()?))
    };
    Ok((number(16)?, number(20)?))
}

async fn made(client: &Client, url: &str) -> Result<String> {
    let file = client.request(url).await?;
    path(&client.ready(&file).await?)
}

async fn metric(server: &Server, line: &str) -> Result<u64> {
    let metrics = reqwest::Client::builder().no_proxy().build()?;
    let metrics = metrics.get(format!("{}/metrics", server.ops())).send();
    let metrics = metrics.await?.text().await?;
    let value = metrics.lines().find_map(|one| one.strip_prefix(line));
    value.map_or(Ok(0), |value| Ok(value.trim().parse()?))
}

#[tokio::test]
async fn a_pdf_has_a_picture_once_it_is_ready() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let asked = ada.request(&site.url("/held")).await?;
    let early = ada.get(&path(&asked)?).await?;
    early.expect_problem(409, "not_ready")?;
    site.release();
    let path = path(&ada.ready(&asked).await?)?;

    let picture = ada.get(&path).await?;
    assert_eq!(picture.status, StatusCode::OK);
    let (width, height) = size(&picture.body)?;
    assert!(width == 320 && (400..=460).contains(&height), "{height}");
    for (header, value) in [
        ("content-type", "image/png"),
        ("cache-control", "private, no-cache"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(picture.header(header), Some(value));
    }
    assert_eq!(ada.get(&path).await?.body, picture.body);
    let outcome = |outcome: &str| format!("platen_thumbnails_total{{outcome=\"{outcome}\"}}");
    assert_eq!(metric(&server, &outcome("drawn")).await?, 1);
    assert_eq!(metric(&server, &outcome("remembered")).await?, 1);

    let etag = picture.header("etag").context("no ETag")?;
    let call = ada.call(Method::GET, &path).header("if-none-match", etag);
    let unchanged = Answer::of(call).await?;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
    assert!(unchanged.body.is_empty());
    let head = Answer::of(ada.call(Method::HEAD, &path)).await?;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));

    let large = ada.get(&format!("{path}?width=640")).await?;
    assert_eq!(size(&large.body)?.0, 640);
    let other = ada.get(&format!("{path}?width=99999")).await?;
    other.expect_problem(422, "invalid_query")?;
    Ok(())
}

#[tokio::test]
async fn its_shape_is_that_of_the_page_but_never_a_long_strip() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    for (options, shape) in [
        (
            serde_json::json!({"paper": "a4", "landscape": true}),
            (320, 226),
        ),
        (serde_json::json!({"single_page": true}), (320, 544)),
    ] {
        let body = serde_json::json!({"url": site.url("/pictures"), "options": options});
        let file = ada.request_with(&body).await?;
        let file = ada.ready(&file).await?;
        let picture = ada.get(&path(&file)?).await?;
        let (width, height) = size(&picture.body)?;
        assert!(
            width == shape.0 && height.abs_diff(shape.1) <= 1,
            "{options}: {width} x {height}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_drawn_is_said_and_harms_nobody() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let (ada, eve) = (server.user("ada").await?, server.user("eve").await?);
    let plain = made(&ada, &site.url("/pdf/plain")).await?;
    let mut evil = Vec::new();
    for kind in ["bomb", "laughter", "scribble"] {
        evil.push((kind, made(&eve, &site.url(&format!("/pdf/{kind}"))).await?));
    }
    let huge = made(&eve, &site.url("/pdf/huge")).await?;

    let attack = async {
        let answers = evil.iter().map(async |(kind, path)| {
            eventually(kind, PATIENCE, async || {
                let answer = eve.get(path).await?;
                // A machine that is too busy to find out says so, and is asked again.
                if answer.status == StatusCode::SERVICE_UNAVAILABLE {
                    return Ok(None);
                }
                answer.expect_problem(404, "no_thumbnail").map(Some)
            })
            .await
        });
        futures::future::try_join_all(answers).await
    };
    let neighbour = async {
        // While they are at it, and not only after.
        eventually("something is drawn for Eve", PATIENCE, async || {
            let artists = artists(&server)?;
            Ok((!artists.is_empty()).then_some(()))
        })
        .await?;
        let picture = within("Ada's picture", PATIENCE, ada.get(&plain)).await?;
        size(&picture.body)
    };
    let (attack, neighbour) = tokio::join!(attack, neighbour);
    attack?;
    assert_eq!(neighbour?, (320, 427));
    assert_eq!(size(&eve.get(&huge).await?.body)?, (320, 320));
    assert!(artists(&server)?.is_empty());
    Ok(())
}

/// Processes of the server that draw.
fn artists(server: &Server) -> Result<Vec<Process>> {
    let mut all = server.descendants()?;
    all.retain(|process| {
        process
            .command()
            .iter()
            .any(|word| word == "draw-thumbnail")
    });
    Ok(all)
}

#[tokio::test]
async fn who_draws_ends_with_the_server() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let eve = server.user("eve").await?;
    let path = made(&eve, &site.url("/pdf/laughter")).await?;
    let asking = tokio::spawn(async move { eve.get(&path).await });
    let artist = eventually("it is drawn", PATIENCE, async || {
        Ok(artists(&server)?.first().copied())
    })
    .await?;
    server.kill().await?;
    ensure!(asking.await?.is_err(), "the server still answered");
    // Left alone, it would go on until its three seconds of computing are over.
    eventually("it has ended", Duration::from_secs(2), async || {
        Ok((!artist.is_running()).then_some(()))
    })
    .await
}

fn artist() -> Result<Command> {
    let mut command = platen_command()?;
    command
        .args(["draw-thumbnail", "320"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}

async fn draw(pdf: Vec<u8>) -> Result<Output> {
    let mut child = artist()?.spawn()?;
    let mut stdin = child.stdin.take().context("no pipe")?;
    // One that has seen enough reads no more.
    let feed = async move { stdin.write_all(&pdf).await.ok() };
    within("drawing", PATIENCE, async {
        Ok(tokio::join!(feed, child.wait_with_output()).1?)
    })
    .await
}

#[tokio::test]
async fn the_process_that_draws_survives_no_pdf_for_long() -> Result<()> {
    let locked = {
        let folder = TempDir::new()?;
        let (open, shut) = (folder.path().join("open"), folder.path().join("shut"));
        std::fs::write(&open, foreign_pdf::plain())?;
        let mut qpdf = Command::new("qpdf");
        let qpdf = qpdf.args(["--encrypt", "user", "owner", "256", "--"]);
        // It repairs what has no table, and says so with its exit code.
        qpdf.arg(&open).arg(&shut).output().await?;
        std::fs::read(&shut)?
    };
    let plain = foreign_pdf::plain();
    let half = plain[..plain.len() / 3].to_vec();
    for (name, pdf, codes) in [
        ("plain", plain, &[Some(0)][..]),
        ("huge", foreign_pdf::huge(), &[Some(0)]),
        ("nothing", Vec::new(), &[Some(10)]),
        ("half", half, &[Some(10), Some(12)]),
        ("no pdf", vec![0xa5; 1 << 20], &[Some(10)]),
        ("locked", locked, &[Some(11)]),
        ("no pages", foreign_pdf::no_pages(), &[Some(12)]),
        ("ring", foreign_pdf::ring(), &[Some(10), Some(12)]),
        // Drawn as far as it goes, or ended by a signal.
        ("snake", foreign_pdf::snake(), &[Some(0), None]),
        ("abyss", foreign_pdf::abyss(), &[Some(0), None]),
        ("bomb", foreign_pdf::bomb()?, &[None]),
        ("scribble", foreign_pdf::scribble()?, &[None]),
        ("laughter", foreign_pdf::laughter(), &[None]),
        ("endless", vec![b' '; 300 << 20], &[Some(13)]),
    ] {
        let output = draw(pdf).await.context(name)?;
        let code = output.status.code();
        assert!(codes.contains(&code), "{name}: {}", output.status);
        let drawn = size(&output.stdout).is_ok();
        assert_eq!(drawn, code == Some(0), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn the_process_that_draws_may_do_nothing_else() -> Result<()> {
    let child = artist()?.spawn()?;
    let id = child.id().context("it has ended")?;
    let limits = eventually("it has limits", PATIENCE, async || {
        let limits = std::fs::read_to_string(format!("/proc/{id}/limits"))?;
        // The last one that it sets.
        Ok(limits
            .contains("Max cpu time              3 ")
            .then_some(limits))
    })
    .await?;
    for line in [
        "Max file size             0                    0 ",
        "Max core file size        0                    0 ",
        "Max open files            0                    0 ",
        "Max processes             0                    0 ",
        "Max data size             268435456            268435456 ",
    ] {
        assert!(limits.contains(line), "{line:?} is not in\n{limits}");
    }
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    Ok(())
}
