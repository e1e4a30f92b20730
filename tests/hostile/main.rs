//! Section "Destinations" of `docs/SECURITY.md` over the running product, in an internet of our own.
//!
//! The suite runs itself a second time in network namespaces without any link to the outside: one
//! holds the product and its browser, the other a name server, sites on public addresses, and
//! whatever answers at private ones. Every packet that leaves the product is captured. So even a
//! broken guard sends nothing beyond this machine, and it is noticed.
//!
//! Each case is a row of data (`rows/`): a page, where it leads, how its job must end. Every page is
//! rendered a second time by a product whose operator allowed the place that it leads to: a row
//! that would see nothing there cannot fail, and says so.

mod judge;
mod net;
mod report;
mod rows;

use std::process::ExitCode;

use anyhow::Result;

use judge::Judge;
use net::Internet;
use report::Report;

fn main() -> ExitCode {
    let filter: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let outcome = if net::is_inside() {
        inside(filter)
    } else {
        net::enter()
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            report::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn inside(filter: Vec<String>) -> Result<ExitCode> {
    let mut report = Report::new(filter);
    if report.wants_nothing(&rows::names()) {
        return Ok(report.end());
    }
    let internet = Internet::start()?;
    let mut judge = Judge::start(internet).await?;
    judge.submissions(&mut report).await?;
    judge.pages(&mut report).await?;
    judge.allow_list(&mut report).await?;
    judge.sandbox(&mut report).await?;
    judge.packets(&mut report).await?;
    judge.names(&mut report);
    judge.noticing(&mut report).await?;
    Ok(report.end())
}
