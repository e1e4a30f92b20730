//! A converter that is killed at each step of a conversion.

use anyhow::{Context as _, Result, ensure};
use platen_tests::{
    Cloud, FaultProxy,
    Moment::{self, After, Before},
    eventually,
};

use crate::{
    history::{History, Submitted, Tally},
    world::{PATIENCE, Setup, World},
};

/// Where a converter stands when it is killed.
enum Step {
    /// It has asked a service for an operation, with a word in its request.
    Call(Service, &'static str, &'static str, Moment),
    /// The page has not answered yet.
    Rendering,
}

type Service = fn(&Cloud) -> &FaultProxy;

const INDEX: Service = |cloud| &cloud.dynamodb;
const QUEUE: Service = |cloud| &cloud.sqs;
const STORE: Service = |cloud| &cloud.s3;

use Step::{Call, Rendering};

/// From the message to its acknowledgement.
const STEPS: [(&str, Step); 9] = [
    ("before it claims", Call(INDEX, WRITE, RENDERING, Before)),
    ("after it has claimed", Call(INDEX, WRITE, RENDERING, After)),
    ("while it renders", Rendering),
    ("before it stores", Call(STORE, PUT, "", Before)),
    ("after it has stored", Call(STORE, PUT, "", After)),
    ("before it finishes", Call(INDEX, WRITE, READY, Before)),
    ("after it has finished", Call(INDEX, WRITE, READY, After)),
    ("before it acknowledges", Call(QUEUE, ACK, "", Before)),
    ("after it has acknowledged", Call(QUEUE, ACK, "", After)),
];

const WRITE: &str = "TransactWriteItems";
const PUT: &str = "PutObject";
const ACK: &str = "DeleteMessage";
/// The status that a claim writes, and the one that ends it.
const RENDERING: &str = r#"{"S":"rendering"}"#;
const READY: &str = r#"{"S":"ready"}"#;

#[tokio::test]
async fn a_converter_that_is_killed_at_any_step_leaves_nothing_undone() -> Result<()> {
    // The queue brings it back, and whoever gets it clears up: no sweep may do it in their place.
    let never = "86400";
    let mut world = World::with(Setup {
        overrides: &[
            ("PLATEN_RESEND_AFTER", never),
            ("PLATEN_ORPHANS_EVERY", never),
        ],
        alone: true,
        ..Setup::default()
    })
    .await?;
    let ada = world.sign_up("ada").await?;
    let mut history = History::default();
    for (number, (name, step)) in STEPS.iter().enumerate() {
        let file = match step {
            Call(service, operation, text, moment) => {
                let mut held = service(&world.cloud).hold(operation, text, *moment);
                let file = ada.request(&world.site.url("/simple")).await?;
                held.arrived().await.context(*name)?;
                world.kill_workers().await?;
                file
            }
            Rendering => {
                let file = ada.request(&world.site.url("/held")).await?;
                eventually("the page is asked for", PATIENCE, async || {
                    Ok((world.site.held_requests() > 0).then_some(()))
                })
                .await?;
                world.kill_workers().await?;
                world.site.release();
                file
            }
        };
        world.revive().await?;
        history
            .submitted
            .push(Submitted::new(String::new(), &file)?);
        let tally = history.settled(&world, &ada).await.context(*name)?;
        let expected = Tally {
            ready: number + 1,
            ..Tally::default()
        };
        ensure!(tally == expected, "{name}: {tally:?}");
    }
    Ok(())
}
