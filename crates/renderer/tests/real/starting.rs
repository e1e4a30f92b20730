//! Browsers that are slow to come up, or do not.

use std::{
    error::Error as _,
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use platen_api_types::PdfOptions;
use platen_renderer::{LaunchError, RenderError, Renderer, RendererConfig, RetryReason};
use platen_renderer::{StartError, TabError};

use crate::{
    processes::{all, browser_group, browser_process, directories, kill},
    programs::instead_of_the_browser,
    site::Answer,
    stage::{Stage, allowing, config, eventually, run, work_dir},
};

fn settings(name: &str, browser: PathBuf) -> RendererConfig {
    RendererConfig {
        browser: Some(browser),
        ..config(name)
    }
}

fn runs(program: &Path) -> bool {
    let name = program.to_str().unwrap();
    all().iter().any(|process| process.command.contains(name))
}

#[test]
fn jobs_wait_for_a_browser_that_is_slow_to_come_up() {
    run(async {
        let (program, mark) = instead_of_the_browser(
            "slow",
            r#"until [ -e mark ]; do sleep 0.05; done; exec chromium "$@""#,
        );
        File::create(&mark).unwrap();
        let stage = Stage::new(settings("slow", program.clone())).await;
        stage.renderer.rest().await;
        fs::remove_file(&mark).unwrap();
        kill(browser_process(browser_group(&work_dir("slow"))));
        let path = stage.site.serve(Answer::html("<p>late"));
        let release = async {
            eventually("another is started", || runs(&program)).await;
            assert!(stage.site.seen(&path).is_empty());
            File::create(&mark).unwrap();
        };
        let (pdf, ()) = tokio::join!(stage.render(&path, PdfOptions::default()), release);
        assert!(pdf.unwrap().text().contains("late"));
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_browser_that_does_not_come_up_is_reported_with_what_it_said() {
    run(async {
        for (name, script, source) in [
            ("silent", "echo so it goes >&2; exec sleep 600", "no answer"),
            ("ended", "echo so it goes >&2; exit 7", "closed"),
            // Holds on to its standard error out of reach.
            (
                "escaped",
                "echo so it goes >&2; setsid sleep 30 3<&- 4>&- & sleep 0.5; exit 7",
                "closed",
            ),
        ] {
            let (program, _) = instead_of_the_browser(name, script);
            let patient = RendererConfig {
                start_patience: Duration::from_secs(1),
                ..settings(name, program.clone())
            };
            let start = Renderer::start(patient, allowing(&[]));
            let start = tokio::time::timeout(Duration::from_secs(15), start).await;
            let Ok(Err(StartError::Launch(error))) = start else {
                panic!("{name} came up, or was waited for too long")
            };
            assert!(matches!(error, LaunchError::Silent { .. }), "{error:?}");
            let message = error.to_string();
            assert!(message.contains(program.to_str().unwrap()), "{message}");
            if name != "escaped" {
                assert!(message.contains("so it goes"), "{message}");
            }
            let cause = error.source().unwrap().to_string();
            assert!(cause.contains(source), "{cause}");
            assert!(!runs(&program));
            assert_eq!(directories(&work_dir(name)), 0);
        }
    });
}

#[test]
fn jobs_are_told_to_come_again_until_a_browser_comes_up() {
    run(async {
        let (program, mark) =
            instead_of_the_browser("broken", r#"[ -e mark ] || exit 7; exec chromium "$@""#);
        File::create(&mark).unwrap();
        let stage = Stage::new(settings("broken", program)).await;
        stage.renderer.rest().await;
        fs::remove_file(&mark).unwrap();
        kill(browser_process(browser_group(&work_dir("broken"))));
        let path = stage.site.serve(Answer::html("<p>again"));
        let early = stage.render(&path, PdfOptions::default()).await;
        assert!(
            matches!(
                early,
                Err(RenderError::Retry(RetryReason::Tab(TabError::Launch(_))))
            ),
            "{:?}",
            early.err()
        );
        File::create(&mark).unwrap();
        let pdf = stage.render(&path, PdfOptions::default()).await.unwrap();
        assert!(pdf.text().contains("again"));
        stage.renderer.shutdown().await;
    });
}
