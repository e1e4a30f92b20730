//! The renderer with the real Chromium, against a site of its own on an allow-listed loopback port.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod abuse;
mod banners;
mod companions;
mod connections;
mod doors;
mod egress;
mod fidelity;
mod fixture;
mod hardening;
mod healing;
mod isolation;
mod kinds;
mod lifecycle;
mod options;
mod pages;
mod processes;
mod programs;
mod progress;
mod reasons;
mod restless;
mod settling;
mod single_page;
mod site;
mod stage;
mod starting;
mod storm;
mod urls;
mod waits;
