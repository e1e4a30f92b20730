//! What dies or hangs in a browser is replaced, and no job is lost by it.

use std::{path::PathBuf, time::Duration};

use platen_api_types::{FailureCode, PdfOptions};
use platen_renderer::{RenderError, RendererConfig};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::timeout;

use crate::{
    processes::{
        Process, browser_group, browser_groups, browser_process, ids, kill, members, signal,
    },
    site::Answer,
    stage::{Pdf, Stage, code, config, eventually, options, run, work_dir},
};

/// A browser with no work, and all that is prepared for the next job.
async fn at_rest(name: &str) -> (Stage, PathBuf, i32) {
    let stage = Stage::new(config(name)).await;
    stage.renderer.rest().await;
    let dir = work_dir(name);
    let group = browser_group(&dir);
    (stage, dir, group)
}

/// The browser's pages are prepared by now.
fn has_pages(group: i32, many: usize) -> bool {
    ids(group, |process| process.is("renderer")).len() >= many
}

/// Renders a page that is asked for once only: the job did not start over.
async fn render_at_once(stage: &Stage) -> Pdf {
    let path = stage.site.serve(Answer::html("<p>fine"));
    let pdf = stage.render(&path, PdfOptions::default()).await.unwrap();
    assert!(pdf.text().contains("fine"));
    assert_eq!(stage.site.seen(&path).len(), 1);
    pdf
}

#[test]
fn a_browser_that_dies_at_rest_is_replaced_before_a_job_comes() {
    run(async {
        let (stage, dir, dead) = at_rest("dead-at-rest").await;
        kill(browser_process(dead));
        eventually("another is ready", || {
            let others = browser_groups(&dir);
            !others.contains(&dead) && others.iter().any(|group| has_pages(*group, 2))
        })
        .await;
        stage.renderer.rest().await;
        let ready = browser_group(&dir);
        render_at_once(&stage).await;
        assert_eq!(browser_group(&dir), ready);
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_page_that_dies_at_rest_is_replaced_before_a_job_comes() {
    run(async {
        let (stage, dir, group) = at_rest("dead-page").await;
        let dead = ids(group, |process| process.is("renderer"));
        for page in &dead {
            kill(*page);
        }
        eventually("others are ready", || {
            let pages = ids(group, |process| process.is("renderer"));
            pages.len() >= 2 && pages.iter().all(|page| !dead.contains(page))
        })
        .await;
        stage.renderer.rest().await;
        render_at_once(&stage).await;
        assert_eq!(browser_group(&dir), group);
        stage.renderer.shutdown().await;
    });
}

#[test]
fn what_hangs_at_rest_costs_the_next_job_nothing_but_time() {
    run(async {
        for (name, hangs) in [
            ("hung-at-rest", Process::is_browser as fn(&Process) -> bool),
            ("hung-page", |process| process.is("renderer")),
        ] {
            let (stage, _, group) = at_rest(name).await;
            for id in ids(group, hangs) {
                signal(id, Signal::STOP);
            }
            render_at_once(&stage).await;
            stage.renderer.shutdown().await;
            assert!(members(group).is_empty());
        }
    });
}

#[test]
fn browsers_that_keep_dying_are_not_started_for_ever() {
    run(async {
        let (stage, dir, mut group) = at_rest("dying").await;
        let next = async |dead: i32| {
            kill(browser_process(dead));
            eventually("it is gone", || !browser_groups(&dir).contains(&dead)).await;
            let mut next = 0;
            eventually("another is ready", || {
                next = browser_groups(&dir).first().copied().unwrap_or_default();
                next != 0 && has_pages(next, 2)
            })
            .await;
            next
        };
        for _ in 0..5 {
            group = next(group).await;
        }
        // One that dies while pages are made in it may count late.
        let mut more = 0;
        while let Ok(next) = timeout(Duration::from_secs(3), next(group)).await {
            group = next;
            more += 1;
            assert!(more < 3);
        }
        // A job gets one all the same.
        render_at_once(&stage).await;
        stage.renderer.shutdown().await;
    });
}

/// What happens to a browser while a job is in it that waits for its style sheet, which is given to
/// those who ask for the second time.
async fn disturbed(name: &str, disturb: impl AsyncFn(i32)) -> String {
    let stage = Stage::new(config(name)).await;
    let style = Answer::new("text/css", "p::after { content: ' with style' }").together(2);
    let style = stage.site.serve(style);
    let path = stage.site.serve(Answer::html(format!(
        "<link rel=stylesheet href='{style}'><p>in the end"
    )));
    let disturbance = async {
        eventually("page is loading", || !stage.site.seen(&style).is_empty()).await;
        disturb(browser_group(&work_dir(name))).await;
    };
    let (pdf, ()) = tokio::join!(stage.render(&path, PdfOptions::default()), disturbance);
    let text = pdf.unwrap().text();
    stage.renderer.shutdown().await;
    text
}

#[test]
fn a_job_starts_over_when_its_browser_loses_a_part() {
    run(async {
        for (name, part) in [
            ("lost-page", (|p| p.is("renderer")) as fn(&Process) -> bool),
            ("lost-network", Process::is_network_service),
            ("lost-zygote", |p| p.is("zygote")),
        ] {
            let text = disturbed(name, async |group| {
                let ids = ids(group, part);
                assert!(!ids.is_empty(), "{name}");
                for id in ids {
                    // One may take another with it.
                    let _ = kill_process(Pid::from_raw(id).unwrap(), Signal::KILL);
                }
            })
            .await;
            assert_eq!(text.trim(), "in the end with style", "{name}");
        }
    });
}

#[test]
fn a_job_starts_over_when_its_browser_hangs() {
    run(async {
        let hang = async |group| {
            // One that is still being made would tell.
            eventually("spare pages are ready", || has_pages(group, 3)).await;
            signal(browser_process(group), Signal::STOP);
        };
        // Long before the page's time is over.
        let text = timeout(Duration::from_secs(20), disturbed("hung-at-work", hang)).await;
        assert_eq!(text.unwrap().trim(), "in the end with style");
    });
}

#[test]
fn a_page_whose_process_is_killed_again_is_at_fault() {
    run(async {
        let stage = Stage::new(config("killed-twice")).await;
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let path = stage
            .site
            .serve(Answer::html(format!("<p>x<img src='{image}'>")));
        let killing = async {
            for attempt in 1..=2 {
                eventually("page is loading", || {
                    stage.site.seen(&image).len() == attempt
                })
                .await;
                let group = browser_group(&work_dir("killed-twice"));
                for page in ids(group, |process| process.is("renderer")) {
                    kill(page);
                }
            }
        };
        let (lost, ()) = tokio::join!(stage.render(&path, PdfOptions::default()), killing);
        assert_eq!(code(lost), FailureCode::PageCrashed);
        stage.renderer.shutdown().await;
    });
}

/// Nothing says that the page had to do with the first.
#[test]
fn a_page_is_not_at_fault_when_its_browser_was_lost_before() {
    run(async {
        let stage = Stage::new(config("killed-in-two-ways")).await;
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let path = stage
            .site
            .serve(Answer::html(format!("<p>x<img src='{image}'>")));
        let loading = async |times: usize| {
            eventually("page is loading", || stage.site.seen(&image).len() == times).await;
            browser_group(&work_dir("killed-in-two-ways"))
        };
        let killing = async {
            kill(browser_process(loading(1).await));
            for page in ids(loading(2).await, |process| process.is("renderer")) {
                kill(page);
            }
        };
        let (lost, ()) = tokio::join!(stage.render(&path, PdfOptions::default()), killing);
        assert!(
            matches!(lost, Err(RenderError::Retry(_))),
            "{:?}",
            lost.err()
        );
        stage.renderer.shutdown().await;
    });
}

/// Its process is killed, too, but by us, and would be again.
#[test]
fn a_page_that_takes_too_much_memory_is_not_tried_again() {
    run(async {
        let stage = Stage::new(RendererConfig {
            page_memory: 200 << 20,
            ..config("greedy")
        })
        .await;
        let path = stage.site.serve(Answer::html(
            "<p>x<script>const hoard = []; const eat = () => { for (let i = 0; i < 8; i++)
             hoard.push(new Uint8Array(4 << 20).fill(1)); setTimeout(eat, 5) }; eat()</script>",
        ));
        let never = options(r#"{"wait":{"expression":"false"}}"#);
        let stopped = code(stage.render(&path, never).await);
        assert_eq!(stopped, FailureCode::PageCrashed);
        assert_eq!(stage.site.seen(&path).len(), 1);
        stage.renderer.shutdown().await;
    });
}

/// Every browser is too large here, and found to be so as soon as it has work.
#[test]
fn a_browser_that_has_grown_ends_after_its_jobs() {
    run(async {
        let stage = Stage::new(RendererConfig {
            browser_memory: 1,
            ..config("grown")
        })
        .await;
        let dir = work_dir("grown");
        let grown = browser_group(&dir);
        let style = stage.site.serve(Answer::new("text/css", "").together(2));
        let html = format!("<link rel=stylesheet href='{style}'><p>to its end");
        let (one, two) = [(); 2]
            .map(|()| stage.site.serve(Answer::html(&*html)))
            .into();
        let later = async {
            // While the first job waits for its style sheet, which nothing but the second can bring.
            eventually("a successor is ready", || {
                let mut others = browser_groups(&dir).into_iter().filter(|g| *g != grown);
                others.any(|group| has_pages(group, 2))
            })
            .await;
            assert!(browser_groups(&dir).contains(&grown));
            stage.render(&two, PdfOptions::default()).await
        };
        let (first, second) = tokio::join!(stage.render(&one, PdfOptions::default()), later);
        for (pdf, path) in [(first, one), (second, two)] {
            assert!(pdf.unwrap().text().contains("to its end"));
            assert_eq!(stage.site.seen(&path).len(), 1);
        }
        eventually("the grown one ends", || members(grown).is_empty()).await;
        stage.renderer.shutdown().await;
    });
}
