//! Clocks that differ by ten minutes, both ways.

use anyhow::{Context as _, Result, ensure};
use platen_tests::{Client, Moment};
use reqwest::StatusCode;

use crate::{
    history::{History, Submitted},
    storm,
    world::{Setup, WORKERS, World},
};

/// The machine's own clock stands between these.
const AHEAD: i32 = 10;
const BEHIND: i32 = -10;

#[tokio::test]
async fn servers_whose_clocks_differ_take_each_others_sessions() -> Result<()> {
    let world = World::with(Setup {
        backend_clock: AHEAD,
        ..Setup::default()
    })
    .await?;
    let behind = world.backend_off_by(BEHIND).await?;
    let early = world.sign_up("early").await?;
    let late = Client::new(behind.origin())?.sign_up("late").await?;
    let origins = [world.origin()?, behind.origin()];
    for (name, user) in [("signed in ahead", &early), ("signed in behind", &late)] {
        for origin in origins {
            let answer = user.at(origin).get("/account").await?;
            ensure!(
                answer.status == StatusCode::OK,
                "{name}, asked at {origin}: {}",
                answer.status
            );
        }
    }
    Ok(())
}

/// Whoever has the later clock takes leases for ended before they are, and the work of those who live
/// then costs nothing but its repetition. The other way round it waits: what a converter leaves that was
/// twenty minutes ahead of all others is taken up twenty minutes late, which no test has the time for.
#[tokio::test]
async fn converters_whose_clocks_differ_take_over_from_each_other() -> Result<()> {
    let mut world = World::with(Setup {
        alone: true,
        ..Setup::default()
    })
    .await?;
    let ada = world.sign_up("ada").await?;
    let mut history = History::default();
    for (dies, next) in [(BEHIND, AHEAD), (AHEAD, AHEAD), (BEHIND, BEHIND)] {
        world.kill_workers().await?;
        world.set_worker_clocks([dies, 0]);
        world.revive().await?;
        let mut held = world.cloud.s3.hold("PutObject", "", Moment::Before);
        let file = ada.request(&world.site.url("/simple")).await?;
        held.arrived().await?;
        world.kill_workers().await?;
        world.set_worker_clocks([next, 0]);
        world.revive().await?;
        history
            .submitted
            .push(Submitted::new(String::new(), &file)?);
        let context = format!("left at {dies} min, taken up at {next} min");
        let tally = history.settled(&world, &ada).await.context(context)?;
        ensure!(tally.ready == history.submitted.len(), "{tally:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn storms_end_as_promised_when_clocks_differ() -> Result<()> {
    for (seed, backend_clock, clock) in [(1, AHEAD, BEHIND), (2, BEHIND, AHEAD)] {
        let mut world = World::with(Setup {
            backend_clock,
            worker_clocks: [clock; WORKERS],
            ..Setup::default()
        })
        .await?;
        storm::run(&mut world, &[seed])
            .await
            .with_context(|| format!("the backend is off by {backend_clock} min"))?;
    }
    Ok(())
}
