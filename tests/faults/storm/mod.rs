//! Storms: many accidents at once, drawn from a seed.
//!
//! `PLATEN_SEEDS=200` runs more of them and `PLATEN_SEED=17` repeats one.

mod schedule;

use std::{env, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use platen_tests::Sabotage;

use crate::{
    history::{BROKEN, Tally},
    world::{Setup, World},
};

/// Seeds of a short run.
const SEEDS: u64 = 20;

/// The same for functions, which take longer: a message of one that died stays hidden for the time-out
/// of an invocation.
const FUNCTION_SEEDS: u64 = 3;

/// Seeds within which a broken adapter must show.
const ENOUGH: u64 = 12;

/// Those asked for, or the first few.
pub(crate) fn seeds(few: u64) -> Result<Vec<u64>> {
    let number = |name: &str| -> Result<Option<u64>> {
        let value = env::var(name).ok();
        let parsed = value.map(|value| value.parse().with_context(|| format!("{name}={value}")));
        parsed.transpose()
    };
    Ok(match number("PLATEN_SEED")? {
        Some(seed) => vec![seed],
        None => (1..=number("PLATEN_SEEDS")?.unwrap_or(few)).collect(),
    })
}

/// Runs seeds in a world, and adds up how files ended.
pub(crate) async fn run(world: &mut World, seeds: &[u64]) -> Result<()> {
    let mut total = Tally::default();
    for &seed in seeds {
        let tally = schedule::run(world, seed)
            .await
            .with_context(|| format!("repeat it with PLATEN_SEED={seed}"))?;
        total.add(tally);
    }
    ensure!(
        total.ready > total.gave_up,
        "hardly anything worked: {total:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_ends_as_promised_whatever_breaks() -> Result<()> {
    let mut world = World::start(&[]).await?;
    run(&mut world, &seeds(SEEDS)?).await
}

/// The converter is a function: the service that invokes it receives and deletes the messages, and
/// ends its environments and starts them as it likes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_end_as_promised_whatever_breaks() -> Result<()> {
    let mut world = World::with(Setup {
        lambda: true,
        ..Setup::default()
    })
    .await?;
    run(&mut world, &seeds(FUNCTION_SEEDS)?).await
}

/// Runs seeds on broken adapters until the checker objects, and returns its words.
async fn objection_to(sabotage: Sabotage) -> Result<String> {
    // Nothing may repair what is broken here.
    let never = "86400";
    let overrides = [
        ("PLATEN_RESEND_AFTER", never),
        ("PLATEN_ORPHANS_EVERY", never),
    ];
    let mut world = World::start(&overrides).await?;
    world.patience = Duration::from_mins(1);
    for proxy in world.cloud.proxies() {
        proxy.sabotage(Some(sabotage));
    }
    for seed in 1..=ENOUGH {
        if let Err(objection) = schedule::run(&mut world, seed).await {
            return Ok(format!("{objection:#}"));
        }
    }
    bail!("{ENOUGH} seeds with {sabotage:?}, and no promise was broken")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledging_first_is_noticed() -> Result<()> {
    let objection = objection_to(Sabotage::AckFirst).await?;
    let lost = format!("{BROKEN}: accepted, and neither ready nor failed");
    ensure!(objection.starts_with(&lost), "{objection}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unconditional_writes_are_noticed() -> Result<()> {
    // Two objects, a deleted file that is back, half a record that cannot be listed: what comes
    // first is a matter of luck.
    let objection = objection_to(Sabotage::UnconditionalWrites).await?;
    ensure!(objection.starts_with(BROKEN), "{objection}");
    Ok(())
}
