//! Those who read while more sign in than can be: how long they wait, against how long they do
//! when nobody signs in.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures::future::try_join_all;
use reqwest::StatusCode;
use tokio::time::{MissedTickBehavior, interval};

use super::{
    product::Product,
    route::Route,
    sign_ins::{Order, SignIns},
};
use crate::stats::{self, Times};

/// So few that they do not wait for each other.
const READS_PER_SECOND: u32 = 60;

/// Those who make a storm: more than may wait, so that some are shed.
pub(super) const PEOPLE: usize = 256;

/// What came of some rounds of one storm.
#[derive(Debug)]
pub(super) struct Storm {
    /// Sign-ins that were to begin in a second.
    pub(super) per_second: u32,
    /// Sign-ins that were answered in a second.
    pub(super) answered_per_second: f64,
    /// In the order of [`Route::ALL`].
    pub(super) idle: Vec<Times>,
    pub(super) stormy: Vec<Times>,
    pub(super) answers: Answers,
}

/// What those who signed in were answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) signed_in: usize,
    pub(super) shed: usize,
    pub(super) other: BTreeMap<String, usize>,
}

impl Storm {
    /// Idle and stormy times take turns.
    pub(super) async fn measure(
        product: &Product,
        per_second: u32,
        rounds: usize,
        seconds: u64,
    ) -> anyhow::Result<Self> {
        let mut sign_ins = SignIns::at(product.origin())?;
        let [mut idle, mut stormy] = [(); 2].map(|()| vec![Vec::new(); Route::ALL.len()]);
        let mut answers = Answers::default();
        let order = Order {
            people: PEOPLE,
            seconds,
            per_second: Some(per_second),
        };
        let mut asked = 0;
        for _ in 0..rounds {
            read(product, seconds, &mut idle).await?;
            let storm = sign_ins.sign_in(order);
            let (tally, ()) = tokio::try_join!(storm, read(product, seconds, &mut stormy))?;
            asked += tally.asked();
            answers.signed_in += tally.signed_in();
            answers.shed += tally.shed;
            for (what, count) in tally.other {
                *answers.other.entry(what).or_default() += count;
            }
        }
        let length = Duration::from_secs(seconds);
        let rounds = u32::try_from(rounds)?;
        let [idle, stormy] = [idle, stormy].map(|times| {
            let times = times.into_iter();
            times.map(|times| times.into_iter().collect()).collect()
        });
        Ok(Self {
            per_second,
            answered_per_second: stats::per_second(asked, length * rounds),
            idle,
            stormy,
            answers,
        })
    }
}

/// Reads in turn what there is to read, each when it is due, whether or not the one before was
/// answered: who waits for answers does not see how long others would have waited.
async fn read(product: &Product, seconds: u64, times: &mut [Vec<Duration>]) -> anyhow::Result<()> {
    let mut due = interval(Duration::from_secs(1) / READS_PER_SECOND);
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut reads = Vec::new();
    for route in Route::ALL.into_iter().cycle() {
        due.tick().await;
        if Instant::now() >= end {
            break;
        }
        let reading = product.read(route);
        reads.push(async move { anyhow::Ok((route, reading.await??)) });
    }
    for (route, took) in try_join_all(reads).await? {
        let index = Route::ALL.iter().position(|&other| other == route);
        if let Some(times) = index.and_then(|index| times.get_mut(index)) {
            times.push(took);
        }
    }
    Ok(())
}

impl Product {
    /// Reads in a task of its own; how long it took.
    fn read(&self, route: Route) -> tokio::task::JoinHandle<anyhow::Result<Duration>> {
        let call = self.call(route);
        tokio::spawn(async move {
            let started = Instant::now();
            let answer = platen_tests::Answer::of(call).await?;
            let took = started.elapsed();
            ensure!(
                answer.status == StatusCode::OK,
                "{}: {} instead of 200",
                route.as_str(),
                answer.status
            );
            Ok(took)
        })
    }
}
