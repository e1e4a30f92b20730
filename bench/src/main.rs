//! What the product takes, measured side by side with what it could take at best. Each subcommand
//! is one measurement and writes a file of `results/`; `run` runs all of them.

mod api;
mod chart;
mod conversions;
mod lambda;
mod listing;
mod pipeline;
mod processes;
mod product;
mod report;
mod resources;
mod site;
mod soak;
mod stats;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    measurement: Measurement,
}

#[derive(Debug, Subcommand)]
enum Measurement {
    /// The renderer against other clients of the same Chromium.
    Conversions(conversions::Options),
    /// The memory of the renderer over very many jobs.
    Soak(soak::Options),
    /// The standalone product: from request to PDF, and memory while nothing happens.
    Product(product::Options),
    /// The product on emulators of AWS against its renderers alone, with what it asks of AWS.
    Pipeline(pipeline::Options),
    /// The Lambda function, cold and warm, against Chromium's own command line.
    Lambda(lambda::Options),
    /// The list of a user with very many files against that of one with few.
    Listing(listing::Options),
    /// The API under load, against constants and against nginx, and while many sign in.
    Api(api::Options),
    /// What others start: the same way of serving with constants behind it.
    #[command(hide = true)]
    Constants(api::constants::Options),
    /// What others start: those who sign in without pause.
    #[command(hide = true)]
    SignIns(api::sign_ins::Options),
    /// What others start: one that converts what it is told to.
    #[command(hide = true)]
    Contender(conversions::worker::Options),
    /// What others start: the pages.
    #[command(hide = true)]
    Site(site::Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .init();
    match Arguments::parse().measurement {
        Measurement::Conversions(options) => conversions::run(options).await,
        Measurement::Soak(options) => soak::run(options).await,
        Measurement::Product(options) => product::run(options).await,
        Measurement::Pipeline(options) => pipeline::run(options).await,
        Measurement::Lambda(options) => lambda::run(options).await,
        Measurement::Listing(options) => listing::run(options).await,
        Measurement::Api(options) => api::run(options).await,
        Measurement::Constants(options) => api::constants::run(options).await,
        Measurement::SignIns(options) => api::sign_ins::run(options).await,
        Measurement::Contender(options) => conversions::worker::run(options).await,
        Measurement::Site(options) => site::run(options).await,
    }
}
