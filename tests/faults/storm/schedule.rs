//! What a seed does: requests, deletions and accidents, in an order that the seed decides.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use platen_tests::{Client, eventually};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, watch},
    task::JoinSet,
};

use crate::{
    history::{History, Submitted, Tally},
    world::{PATIENCE, World},
};

/// Things that happen per seed.
const STEPS: u32 = 24;

/// One request to a peer in so many meets a fault.
const ONE_IN: u32 = 12;

/// How often every message arrives.
const COPIES: [u32; 4] = [1, 1, 2, 10];

/// Pages, and the reason of the one that cannot become a PDF.
const PAGES: [(&str, Option<&str>); 4] = [
    ("/simple", None),
    ("/pictures", None),
    ("/long", None),
    ("/status/404", Some("http_status")),
];

/// Clients of one user: they keep trying, wherever the backend comes up again.
#[derive(Clone)]
struct Clients {
    client: Client,
    origin: watch::Receiver<String>,
    history: Arc<Mutex<History>>,
}

/// Runs a seed to its end and checks the history.
pub(super) async fn run(world: &mut World, seed: u64) -> Result<Tally> {
    let mut random = StdRng::seed_from_u64(seed);
    let client = world.sign_up(&format!("seed{seed}")).await?;
    let (origin, follow) = watch::channel(world.origin()?.to_owned());
    let clients = Clients {
        client: client.clone(),
        origin: follow,
        history: Arc::default(),
    };
    let mut work = JoinSet::new();
    world.storm(seed, ONE_IN);
    world
        .cloud
        .sqs
        .copy_messages(COPIES[random.random_range(0..COPIES.len())]);
    for step in 0..STEPS {
        match random.random_range(0..13) {
            0..=5 => {
                let (path, fails_with) = PAGES[random.random_range(0..PAGES.len())];
                let url = world.site.url(path);
                let key = format!("{seed}-{step}");
                work.spawn(clients.clone().submit(url, key, fails_with));
            }
            6..=7 => {
                let pick = random.random();
                work.spawn(clients.clone().delete_one(pick));
            }
            8 => world.kill_worker(&mut random).await?,
            9 => world.kill_browser(&mut random)?,
            10 => world.freeze_worker(&mut random)?,
            11 => {
                world.kill_backend().await?;
                world.revive().await?;
                origin.send_replace(world.origin()?.to_owned());
            }
            _ => {
                world.revive().await?;
                // Fails in this weather like everything else; then it just did not happen.
                let _ = world.cloud.sqs.replay_messages().await;
            }
        }
        // Waits for nothing: how far the work has come at the next accident is a matter of the seed.
        let pause = Duration::from_millis(random.random_range(0..120));
        tokio::time::sleep(pause).await;
    }
    world.cloud.clear_up();
    world.cloud.sqs.copy_messages(1);
    world.revive().await?;
    origin.send_replace(world.origin()?.to_owned());
    while let Some(ended) = work.join_next().await {
        ended??;
    }

    let client = client.at(world.origin()?);
    let history = clients.history.lock().await;
    history.settled(world, &client).await?;
    // Late copies of every message change nothing, whatever became of the files.
    for _ in 0..3 {
        world.cloud.sqs.replay_messages().await?;
    }
    let tally = history.settled(world, &client).await?;
    repeated(&client, &history).await?;
    world.cloud.sqs.forget_messages();
    Ok(tally)
}

/// A repeated request with the same key names the same file, as long as it is there.
async fn repeated(client: &Client, history: &History) -> Result<()> {
    for submitted in history.submitted.iter().filter(|file| !file.deleted) {
        let file = client
            .get(&format!("/request/{}", submitted.id))
            .await?
            .ok()?;
        let body = json!({ "url": file["url"] });
        let again = post(client, &body, &submitted.idempotency_key).await?;
        ensure!(
            again["id"] == file["id"],
            "key {} made {again} after {file}",
            submitted.idempotency_key
        );
    }
    Ok(())
}

async fn post(client: &Client, body: &Value, key: &str) -> Result<Value> {
    let call = client
        .call(reqwest::Method::POST, "/request")
        .header("Idempotency-Key", key)
        .timeout(Duration::from_secs(20))
        .json(body);
    let answer = platen_tests::Answer::of(call).await?;
    ensure!(answer.status.is_success(), "{}", answer.status);
    Ok(serde_json::from_slice(&answer.body)?)
}

impl Clients {
    fn now(&self) -> Client {
        self.client.at(&self.origin.borrow())
    }

    /// Asks for a page until told which file that is.
    async fn submit(
        self,
        url: String,
        key: String,
        fails_with: Option<&'static str>,
    ) -> Result<()> {
        let body = json!({ "url": url });
        let file = eventually("a request is accepted", PATIENCE, async || {
            Ok(post(&self.now(), &body, &key).await.ok())
        })
        .await?;
        let submitted = Submitted {
            fails_with,
            ..Submitted::new(key, &file)?
        };
        self.history.lock().await.submitted.push(submitted);
        Ok(())
    }

    /// Deletes one of the files so far, until told that it is gone.
    async fn delete_one(self, pick: u64) -> Result<()> {
        let chosen = {
            let mut history = self.history.lock().await;
            let count = u64::try_from(history.submitted.len())?;
            if count == 0 {
                return Ok(());
            }
            let chosen = &mut history.submitted[usize::try_from(pick % count)?];
            chosen.deleted = true;
            chosen.name.clone()
        };
        eventually("a deletion is accepted", PATIENCE, async || {
            let answer = self.now().delete(&format!("/file/{chosen}")).await;
            let gone = answer.is_ok_and(|answer| answer.status == 204);
            Ok(gone.then_some(()))
        })
        .await
    }
}
