//! A process killed in the middle of its work.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use platen_pipeline::{
    ConversionQueue, FencingToken, FileIndex, FileKey, Message, PdfKey, PdfStore, Quota,
    SystemClock,
    contract::{content, ids, new_file},
};
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use tempfile::TempDir;

const FOLDER: &str = "PLATEN_TEST_FOLDER";
const PDF_SIZE: usize = 300_000;

async fn open(folder: &std::path::Path) -> LocalPipeline {
    let settings = LocalSettings::default();
    LocalPipeline::open(folder, Arc::new(SystemClock), settings)
        .await
        .unwrap()
}

/// Not a test by itself: works until it is killed, and tells what it was told is safe.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that is killed"]
async fn victim() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let pipeline = open(folder.as_ref()).await;
    loop {
        let (user, file) = ids();
        let key = FileKey { user, file };
        pipeline
            .index
            .put_queued(new_file(user, file), Quota::UNLIMITED)
            .await
            .unwrap();
        pipeline
            .queue
            .send(&Message::convert(user, file))
            .await
            .unwrap();
        let lease = Duration::from_hours(1);
        pipeline.index.claim(key, lease).await.unwrap();
        let token = FencingToken(1);
        let object = PdfKey { user, file, token };
        let (_, body) = content(1, PDF_SIZE);
        pipeline.store.put(&object, body).await.unwrap();
        let mut out = std::io::stdout();
        writeln!(out, "\nsafe {object}").unwrap();
        out.flush().unwrap();
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_called_safe() {
    let folder = TempDir::new().unwrap();
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "kill::victim", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let mut safe: Vec<PdfKey> = Vec::new();
    for line in lines {
        if let Some(key) = line.unwrap().strip_prefix("safe ") {
            safe.push(key.parse().unwrap());
            if safe.len() == 12 {
                // In whatever it is doing. What it still had said is read, too.
                victim.kill().unwrap();
            }
        }
    }
    victim.wait().unwrap();
    assert!(safe.len() >= 12, "{} rounds", safe.len());

    let pipeline = open(folder.path()).await;
    let none = Duration::ZERO;
    let received = pipeline.queue.receive(1000, none, none).await.unwrap();
    let waiting: Vec<_> = received
        .iter()
        .map(|delivery| delivery.message().unwrap().file)
        .collect();
    for object in &safe {
        assert!(waiting.contains(&object.file), "message of {object}");
        let pdf = pipeline.store.get(object, None).await.unwrap().unwrap();
        assert_eq!(pdf.size, PDF_SIZE as u64);
        let key = FileKey {
            user: object.user,
            file: object.file,
        };
        let claim = pipeline.index.claim(key, none).await.unwrap();
        assert!(
            matches!(claim, platen_pipeline::Claim::Claimed(_)),
            "{claim:?}"
        );
    }
    // No object is half there, also of the round that was cut off.
    for key in pipeline.store.keys(None, 1000).await.unwrap() {
        let pdf = pipeline.store.get(&key, None).await.unwrap().unwrap();
        assert_eq!(pdf.size, PDF_SIZE as u64, "{key}");
    }
}
