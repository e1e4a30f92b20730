use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use headless_chrome::{Browser, LaunchOptions, types::PrintToPdfOptions};

use super::rounds::{Job, Round, Steps};

/// Inches in the centimetre that is our margin.
const CENTIMETRE: f64 = 1.0 / 2.54;

/// The crate `headless_chrome` as its documentation shows it: blocking calls, a thread per job.
pub(super) struct HeadlessChrome {
    browser: Browser,
}

impl HeadlessChrome {
    pub(super) fn start(chromium: &Path) -> anyhow::Result<Self> {
        let options = LaunchOptions::default_builder()
            .path(Some(chromium.to_owned()))
            // It cannot start the browser as another user, and as root there is no sandbox.
            .sandbox(!rustix::process::geteuid().is_root())
            .idle_browser_timeout(Duration::from_mins(10))
            .window_size(Some((1280, 800)))
            .build()
            .context("launch options")?;
        Ok(Self {
            browser: Browser::new(options)?,
        })
    }

    pub(super) async fn convert(
        &self,
        urls: &[String],
        concurrency: usize,
    ) -> anyhow::Result<Round> {
        let started = Instant::now();
        let waiting = Arc::new(Mutex::new(urls.to_vec()));
        let workers: Vec<_> = (0..concurrency)
            .map(|_| {
                let browser = self.browser.clone();
                let waiting = Arc::clone(&waiting);
                tokio::task::spawn_blocking(move || work(&browser, &waiting))
            })
            .collect();
        let mut jobs = Vec::with_capacity(urls.len());
        for worker in workers {
            jobs.extend(worker.await??);
        }
        Ok(Round {
            took: started.elapsed(),
            jobs,
        })
    }
}

fn work(browser: &Browser, waiting: &Mutex<Vec<String>>) -> anyhow::Result<Vec<Job>> {
    let next = || waiting.lock().ok()?.pop();
    let mut jobs = Vec::new();
    while let Some(url) = next() {
        jobs.push(convert(browser, &url)?);
    }
    Ok(jobs)
}

fn convert(browser: &Browser, url: &str) -> anyhow::Result<Job> {
    let started = Instant::now();
    let tab = browser.new_context()?.new_tab()?;
    let open = started.elapsed();
    let opened = Instant::now();
    tab.navigate_to(url)?.wait_until_navigated()?;
    let load = opened.elapsed();
    let loaded = Instant::now();
    let pdf = tab.print_to_pdf(Some(PrintToPdfOptions {
        print_background: Some(true),
        generate_tagged_pdf: Some(true),
        generate_document_outline: Some(true),
        paper_width: Some(21.0 * CENTIMETRE),
        paper_height: Some(29.7 * CENTIMETRE),
        margin_top: Some(CENTIMETRE),
        margin_right: Some(CENTIMETRE),
        margin_bottom: Some(CENTIMETRE),
        margin_left: Some(CENTIMETRE),
        ..PrintToPdfOptions::default()
    }))?;
    let print = loaded.elapsed();
    tab.close(false)?;
    Ok(Job {
        took: open + load + print,
        bytes: u64::try_from(pdf.len())?,
        steps: Some(Steps { open, load, print }),
    })
}
