//! People who sign in again and again, each on a connection of their own and to their own account: a
//! program apart, so that those who read meanwhile share a machine with them, and nothing else.

use std::{
    collections::BTreeMap,
    io::{Write as _, stdout},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Args;
use futures::future::try_join_all;
use platen_tests::{Answer, Client};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines, stdin},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{Interval, MissedTickBehavior, interval_at},
};

use crate::stats::{Times, per_second};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long)]
    origin: String,
}

/// So many people for so long: a line of input.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) people: usize,
    pub(super) seconds: u64,
    /// How often all of them together begin to sign in. None: as soon as they were answered.
    pub(super) per_second: Option<u32>,
}

/// What they were answered: a line of output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Microseconds to each 200.
    signed_in: Vec<u64>,
    /// Those who were told with 503 when to come back.
    pub(super) shed: usize,
    /// All else, in words.
    pub(super) other: BTreeMap<String, usize>,
    /// Microseconds that it took.
    took: u64,
}

/// Reads an order a line, answers each with a line, ends with its input.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let mut orders = BufReader::new(stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        let tally = carry_out(&options.origin, serde_json::from_str(&order)?).await?;
        writeln!(stdout(), "{}", serde_json::to_string(&tally)?)?;
    }
    Ok(())
}

/// The name of the account of one of them.
pub(super) fn name(person: usize) -> String {
    format!("person{person}")
}

async fn carry_out(origin: &str, order: Order) -> anyhow::Result<Tally> {
    let started = Instant::now();
    let end = started + Duration::from_secs(order.seconds);
    let pace = order.pace();
    let people = (0..order.people).zip(0..).map(|(person, turn)| {
        let due =
            pace.map(|pace| interval_at((started + pace * turn / order.turns()).into(), pace));
        let signing_in = keep_signing_in(origin.to_owned(), name(person), due, end);
        async move { tokio::spawn(signing_in).await? }
    });
    let mut tally = Tally::default();
    for one in try_join_all(people).await? {
        tally.add(one);
    }
    tally.took = micros(started.elapsed());
    Ok(tally)
}

async fn keep_signing_in(
    origin: String,
    name: String,
    mut due: Option<Interval>,
    end: Instant,
) -> anyhow::Result<Tally> {
    if let Some(due) = &mut due {
        // Who was still waiting when it was time again has missed that.
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
    }
    let client = Client::new(&origin)?;
    let account = json!({ "username": name, "password": platen_tests::PASSWORD });
    let mut tally = Tally::default();
    loop {
        if let Some(due) = &mut due {
            due.tick().await;
        }
        if Instant::now() >= end {
            return Ok(tally);
        }
        let asked = Instant::now();
        let answer = client.post("/sign-in", &account).await;
        tally.count(answer, asked.elapsed());
    }
}

impl Order {
    fn turns(&self) -> u32 {
        u32::try_from(self.people).unwrap_or(u32::MAX).max(1)
    }

    /// How often each of the people is to sign in.
    fn pace(&self) -> Option<Duration> {
        let per_second = self.per_second?.max(1);
        Some(Duration::from_secs(1) * self.turns() / per_second)
    }
}

impl Tally {
    fn count(&mut self, answer: anyhow::Result<Answer>, took: Duration) {
        let what = match answer {
            Ok(answer) => match (answer.status.as_u16(), answer.header("retry-after")) {
                (200, _) => return self.signed_in.push(micros(took)),
                (503, Some(_)) => {
                    self.shed += 1;
                    return;
                }
                (status, _) => status.to_string(),
            },
            Err(error) => format!("{error:#}"),
        };
        *self.other.entry(what).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        self.signed_in.extend(other.signed_in);
        self.shed += other.shed;
        for (what, count) in other.other {
            *self.other.entry(what).or_default() += count;
        }
    }

    pub(super) fn signed_in(&self) -> usize {
        self.signed_in.len()
    }

    pub(super) fn per_second(&self) -> f64 {
        per_second(self.signed_in.len(), Duration::from_micros(self.took))
    }

    pub(super) fn times(&self) -> Times {
        let times = self.signed_in.iter();
        times.map(|&took| Duration::from_micros(took)).collect()
    }

    /// How many were answered, whatever it was.
    pub(super) fn asked(&self) -> usize {
        self.signed_in() + self.shed + self.errors()
    }

    /// How many were answered what they must not be.
    pub(super) fn errors(&self) -> usize {
        self.other.values().sum()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The program that was started. It ends when this is dropped, because its input does.
pub(super) struct SignIns {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl SignIns {
    pub(super) fn at(origin: &str) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["sign-ins", "--origin", origin])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting those who sign in")?;
        let input = process.stdin.take().context("no input")?;
        let output = process.stdout.take().context("no output")?;
        Ok(Self {
            input,
            output: BufReader::new(output).lines(),
            _process: process,
        })
    }

    pub(super) async fn sign_in(&mut self, order: Order) -> anyhow::Result<Tally> {
        let mut order = serde_json::to_vec(&order)?;
        order.push(b'\n');
        self.input.write_all(&order).await?;
        let tally = self.output.next_line().await?;
        let tally = tally.context("those who sign in have ended; they say why")?;
        Ok(serde_json::from_str(&tally)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{Router, http::StatusCode, response::IntoResponse as _, routing::post};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn answers_are_told_apart() {
        let asked = Arc::new(AtomicUsize::new(0));
        let answer = async move || match asked.fetch_add(1, Ordering::Relaxed) {
            0 => StatusCode::OK.into_response(),
            1 => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")]).into_response(),
            2 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            _ => StatusCode::TOO_MANY_REQUESTS.into_response(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/api/v1/sign-in", post(answer));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let order = Order {
            people: 2,
            seconds: 1,
            per_second: None,
        };
        let tally = carry_out(&origin, order).await.unwrap();
        assert_eq!((tally.signed_in(), tally.shed), (1, 1));
        assert_eq!(tally.other["503"], 1);
        assert_eq!(tally.errors(), 1 + tally.other["429"]);
        assert!(tally.per_second() > 0.1 && tally.per_second() <= 1.0);
        let paced = Order {
            per_second: Some(10),
            ..order
        };
        let tally = carry_out(&origin, paced).await.unwrap();
        assert!((1..=10).contains(&tally.errors()), "{tally:?}");
        serving.abort();
        let tally = carry_out(&origin, order).await.unwrap();
        assert_eq!((tally.signed_in(), tally.shed), (0, 0));
        assert!(tally.errors() > 0, "{tally:?}");
    }
}
