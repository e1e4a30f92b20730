//! Browsers come and go; nothing of them stays.

use std::{fs, time::Duration};

use platen_api_types::PdfOptions;
use platen_renderer::{RenderError, RendererConfig};
use rustix::process::Signal;
use tokio_util::sync::CancellationToken;

use crate::{
    processes::{
        browser_group, browser_groups, browser_process, directories, kill, members, signal,
    },
    site::Answer,
    stage::{Stage, config, eventually, run, work_dir},
};

#[test]
fn shutdown_leaves_no_process_and_no_directory() {
    run(async {
        let stage = Stage::new(config("shutdown")).await;
        let dir = work_dir("shutdown");
        let path = stage.site.serve(Answer::html("<p>x"));
        stage.render(&path, PdfOptions::default()).await.unwrap();
        let group = browser_group(&dir);
        stage.renderer.shutdown().await;
        assert_eq!(directories(&dir), 0);
        eventually("processes end", || members(group).is_empty()).await;
        let late = stage.render(&path, PdfOptions::default()).await;
        assert!(matches!(late, Err(RenderError::Retry(_))));
    });
}

#[test]
fn dropping_the_renderer_ends_its_browser() {
    run(async {
        let stage = Stage::new(config("drop")).await;
        let dir = work_dir("drop");
        let group = browser_group(&dir);
        drop(stage);
        eventually("everything goes", || {
            members(group).is_empty() && directories(&dir) == 0
        })
        .await;
    });
}

#[test]
fn a_killed_browser_is_reported_and_replaced() {
    run(async {
        let stage = Stage::new(config("killed")).await;
        let dir = work_dir("killed");
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let path = stage
            .site
            .serve(Answer::html(format!("<p>x<img src='{image}'>")));
        let during = async {
            // The first loss is made good.
            for attempt in 1..=2 {
                eventually("page is loading", || {
                    stage.site.seen(&image).len() == attempt
                })
                .await;
                kill(browser_process(browser_group(&dir)));
            }
        };
        let (lost, ()) = tokio::join!(stage.render(&path, PdfOptions::default()), during);
        assert!(
            matches!(lost, Err(RenderError::Retry(_))),
            "{:?}",
            lost.err()
        );

        let path = stage.site.serve(Answer::html("<p>on a new browser"));
        let pdf = stage.render(&path, PdfOptions::default()).await.unwrap();
        assert!(pdf.text().contains("on a new browser"));
        assert_eq!(directories(&dir), 1);
        stage.renderer.shutdown().await;
        assert_eq!(directories(&dir), 0);
    });
}

#[test]
fn a_job_that_loses_its_browser_starts_over_on_another() {
    run(async {
        let stage = Stage::new(config("lost")).await;
        let dir = work_dir("lost");
        // Answered when it is asked for again.
        let style = stage.site.serve(Answer::new("text/css", "").together(2));
        let path = stage.site.serve(Answer::html(format!(
            "<link rel=stylesheet href='{style}'><p>in the end"
        )));
        let during = async {
            eventually("page is loading", || !stage.site.seen(&style).is_empty()).await;
            kill(browser_process(browser_group(&dir)));
        };
        let (pdf, ()) = tokio::join!(stage.render(&path, PdfOptions::default()), during);
        assert!(pdf.unwrap().text().contains("in the end"));
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_worn_browser_is_replaced_without_harm() {
    run(async {
        let stage = Stage::new(RendererConfig {
            jobs_per_browser: 3,
            ..config("worn")
        })
        .await;
        let dir = work_dir("worn");
        let first = browser_group(&dir);
        let path = stage.site.serve(Answer::html("<p>x"));
        let jobs = (0..8).map(|_| stage.render(&path, PdfOptions::default()));
        for pdf in futures::future::join_all(jobs).await {
            pdf.unwrap();
        }
        eventually("old browsers end", || {
            directories(&dir) == 1 && members(first).is_empty()
        })
        .await;
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_dropped_or_cancelled_job_leaves_nothing_behind() {
    run(async {
        let stage = Stage::new(config("cancel")).await;
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let path = stage
            .site
            .serve(Answer::html(format!("<p>x<img src='{image}'>")));
        let cancel = CancellationToken::new();
        let job = stage
            .renderer
            .render(stage.job(&path, PdfOptions::default()), cancel.clone());
        let stop = async {
            eventually("page is loading", || !stage.site.seen(&image).is_empty()).await;
            cancel.cancel();
        };
        let (cancelled, ()) = tokio::join!(job, stop);
        assert!(matches!(cancelled, Err(RenderError::Cancelled)));

        // A PDF that no one reads gives its place back too.
        let simple = stage.site.serve(Answer::html("<p>x"));
        for _ in 0..3 {
            let job = stage.job(&simple, PdfOptions::default());
            drop(
                stage
                    .renderer
                    .render(job, CancellationToken::new())
                    .await
                    .unwrap(),
            );
        }
        stage.renderer.shutdown().await;
        assert_eq!(directories(&work_dir("cancel")), 0);
    });
}

#[test]
fn leftovers_of_a_killed_process_are_removed_at_the_next_start() {
    run(async {
        let dir = work_dir("leftovers");
        fs::create_dir_all(dir.join("browser-left/tmp")).unwrap();
        let stage = Stage::new(config("leftovers")).await;
        assert!(!dir.join("browser-left").exists());
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_browser_that_hangs_is_not_blamed_on_the_page() {
    run(async {
        let stage = Stage::new(config("hung")).await;
        let dir = work_dir("hung");
        let path = stage.site.serve(Answer::html("<p>fine"));
        let hung = browser_group(&dir);
        signal(browser_process(hung), Signal::STOP);
        let options = serde_json::from_str(r#"{"timeout_s":1}"#).unwrap();
        // Whether tabs were at hand or still in the making.
        stage.render(&path, options).await.unwrap();
        let pdf = stage.render(&path, PdfOptions::default()).await.unwrap();
        assert!(pdf.text().contains("fine"));
        eventually("the hung one ends", || members(hung).is_empty()).await;
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_hung_browser_is_replaced_before_a_job_comes_to_it() {
    run(async {
        let stage = Stage::new(config("revived")).await;
        let dir = work_dir("revived");
        let hung = browser_group(&dir);
        stage.renderer.rest().await;
        signal(browser_process(hung), Signal::STOP);
        stage.renderer.revive().await.unwrap();
        eventually("the hung one ends", || members(hung).is_empty()).await;
        let new = browser_group(&dir);
        let path = stage.site.serve(Answer::html("<p>fine"));
        stage.render(&path, PdfOptions::default()).await.unwrap();

        // One that answers stays.
        stage.renderer.rest().await;
        stage.renderer.revive().await.unwrap();
        assert_eq!(browser_group(&dir), new);
        stage.renderer.shutdown().await;
    });
}

/// A page that is thrown away is still the browser's business when its job has ended.
#[test]
fn there_is_no_rest_before_used_pages_are_gone() {
    run(async {
        let stage = Stage::new(config("rest")).await;
        stage.renderer.rest().await;
        let browser = browser_process(browser_group(&work_dir("rest")));
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let path = stage
            .site
            .serve(Answer::html(format!("<p>x<img src='{image}'>")));
        let cancel = CancellationToken::new();
        let job = stage
            .renderer
            .render(stage.job(&path, PdfOptions::default()), cancel.clone());
        let stop = async {
            eventually("page is loading", || !stage.site.seen(&image).is_empty()).await;
            signal(browser, Signal::STOP);
            cancel.cancel();
        };
        let (cancelled, ()) = tokio::join!(job, stop);
        assert!(matches!(cancelled, Err(RenderError::Cancelled)));

        let rest = stage.renderer.rest();
        tokio::pin!(rest);
        let early = tokio::time::timeout(Duration::from_millis(500), &mut rest).await;
        assert!(early.is_err());
        signal(browser, Signal::CONT);
        tokio::time::timeout(Duration::from_secs(10), rest)
            .await
            .unwrap();
        stage.renderer.shutdown().await;
    });
}

/// Credentials above all: what a page could make the browser give away must not be in it.
#[test]
fn the_browser_inherits_no_variable() {
    run(async {
        let ours = std::env::var_os("CARGO_MANIFEST_DIR");
        assert!(ours.is_some(), "there is nothing to inherit");
        let stage = Stage::new(config("environment")).await;
        let browser = browser_process(browser_group(&work_dir("environment")));
        let environment = fs::read(format!("/proc/{browser}/environ")).unwrap();
        let environment = String::from_utf8(environment).unwrap();
        let mut names: Vec<&str> = environment
            .split('\0')
            .filter_map(|variable| Some(variable.split_once('=')?.0))
            .collect();
        names.sort_unstable();
        // A wrapper script of a distribution sets some of its own.
        names.retain(|name| !name.starts_with("CHROM") && !matches!(*name, "PWD" | "OLDPWD" | "_"));
        let expected = ["HOME", "LANG", "PATH", "TMPDIR", "TZ", "XDG_CACHE_HOME"];
        assert_eq!(names, expected);
        stage.renderer.shutdown().await;
    });
}

/// Not a test of its own: the process that the next test kills.
#[test]
#[ignore = "run by another test"]
fn process_to_be_killed() {
    run(async {
        let stage = Stage::new(config("orphan")).await;
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let path = stage
            .site
            .serve(Answer::html(format!("<p>x<img src='{image}'>")));
        drop(stage.render(&path, PdfOptions::default()).await);
    });
}

#[test]
fn a_browser_does_not_outlive_a_killed_process() {
    run(async {
        let dir = work_dir("orphan");
        let mut process = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lifecycle::process_to_be_killed", "--ignored"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        eventually("a browser is up", || !browser_groups(&dir).is_empty()).await;
        let group = browser_group(&dir);
        eventually("a page is rendered", || {
            members(group).iter().any(|process| process.is("renderer"))
        })
        .await;
        process.kill().unwrap();
        process.wait().unwrap();
        eventually("the browser ends", || members(group).is_empty()).await;
        assert_eq!(directories(&dir), 1);
        // What it left on disk goes at the next start.
        let stage = Stage::new(config("orphan")).await;
        assert_eq!(directories(&dir), 1);
        stage.renderer.shutdown().await;
        assert_eq!(directories(&dir), 0);
    });
}
