//! Whom this renderer is compared with.

mod headless_chrome;
mod puppeteer;

use std::path::Path;

use clap::ValueEnum;

use super::{Contender, rounds::Round};

/// Another client of the same Chromium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PeerName {
    /// The event-driven client of most PDF services.
    PuppeteerCore,
    /// The crate whose typed commands we send over a transport of our own, with its own transport.
    HeadlessChrome,
}

impl PeerName {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PuppeteerCore => "puppeteer-core",
            Self::HeadlessChrome => "headless_chrome",
        }
    }

    pub(crate) async fn start(self, chromium: &Path) -> anyhow::Result<Peer> {
        Ok(match self {
            Self::PuppeteerCore => {
                Peer::Puppeteer(puppeteer::Puppeteer::start(chromium).await?.into())
            }
            Self::HeadlessChrome => {
                Peer::HeadlessChrome(headless_chrome::HeadlessChrome::start(chromium)?)
            }
        })
    }
}

/// One that was started.
pub(crate) enum Peer {
    Puppeteer(Box<puppeteer::Puppeteer>),
    HeadlessChrome(headless_chrome::HeadlessChrome),
}

impl Peer {
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        match self {
            Self::Puppeteer(peer) => peer.stop().await,
            // Dropping it ends its browser.
            Self::HeadlessChrome(_) => Ok(()),
        }
    }
}

impl Contender for Peer {
    async fn convert(&mut self, urls: &[String], concurrency: usize) -> anyhow::Result<Round> {
        match self {
            Self::Puppeteer(peer) => peer.convert(urls, concurrency).await,
            Self::HeadlessChrome(peer) => peer.convert(urls, concurrency).await,
        }
    }
}
