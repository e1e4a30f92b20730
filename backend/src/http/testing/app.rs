//! An application for one test.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use bytes::Bytes;
use futures::{StreamExt, future::BoxFuture, stream};
use http::Method;
use platen_api_types::{Failure, FailureCode, FileId, Stage, UserId};
use platen_egress::{Egress, EgressPolicy, Resolve, ResolveError};
use platen_pipeline::{
    Claim, Clock, FileIndex, FileKey, FileName, FileRecord, Finish, NewFile, Outcome, PdfFacts,
    PdfStore, Put, Quota,
};
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use platen_thumbnail::Thumbnails;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio_rustls::rustls::RootCertStore;
use tokio_util::sync::CancellationToken;

use super::{artist::TestArtist, call::Call, clock::TestClock};
use crate::{
    accounts::{AccountStore, Accounts, Database, HashCost, Password, PasswordHasher, Tokens},
    config::JwtKey,
    erasure::Eraser,
    http::{App, Limits, Rates, router},
    ids::{Ids, Random, SystemRandom},
    webhooks::{Courier, Sealer, WebhookParts, WebhookStore, Webhooks},
};

pub(crate) const PASSWORD: &str = "correct horse battery";

const LEASE: Duration = Duration::from_mins(1);

/// What a test may want different.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub sign_ups_per_hour: u32,
    pub sign_ins_per_minute: u32,
    pub quota: Quota,
    pub trusted_proxies: Vec<&'static str>,
    /// As in `PLATEN_EGRESS_ALLOW`.
    pub egress_allow: String,
    /// Whose certificates receivers of webhooks may have.
    pub roots: RootCertStore,
    /// How long calls of webhooks may go on after the end.
    pub drain: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sign_ups_per_hour: 1000,
            sign_ins_per_minute: 1000,
            quota: Quota {
                files: 100,
                in_progress: 50,
            },
            trusted_proxies: Vec::new(),
            egress_allow: String::new(),
            roots: RootCertStore::empty(),
            drain: Duration::from_secs(20),
        }
    }
}

/// Tests ask nobody for names: all of them lead to this machine.
struct Inside;

impl Resolve for Inside {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) })
    }
}

/// The application, its router, and the parts behind it.
pub(crate) struct TestApp {
    pub router: Router,
    pub pipeline: LocalPipeline,
    pub database: Database,
    pub accounts: AccountStore,
    pub clock: Arc<TestClock>,
    pub stopping: CancellationToken,
    pub app: Arc<App>,
    pub artist: Arc<TestArtist>,
    /// Goes with the test.
    _folder: TempDir,
}

/// Someone with an account and a session.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub id: UserId,
    pub token: String,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::default());
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let ids = Ids::new(clock.clone(), Arc::clone(&random));
        let pipeline = LocalPipeline::open(folder.path(), clock.clone(), LocalSettings::default())
            .await
            .unwrap();
        let url = format!("sqlite://{}/accounts.db?mode=rwc", folder.path().display());
        let database = Database::connect(&url.into(), 2).await.unwrap();
        database.migrate().await.unwrap();
        // As cheap as it gets: what a hash costs is tested where it is made.
        let cost = HashCost {
            memory: 8,
            passes: 1,
            lanes: 1,
        };
        let store = AccountStore::new(database.clone());
        let accounts = Accounts::new(
            store.clone(),
            PasswordHasher::new(&cost, 2, random.clone()).unwrap(),
            Tokens::new(&JwtKey::new(vec![7; 32]).unwrap(), &[]),
            ids.clone(),
            clock.clone(),
            Duration::from_hours(1),
        );
        let stopping = CancellationToken::new();
        let eraser = Eraser::new(
            store.clone(),
            pipeline.index.clone(),
            pipeline.queue.clone(),
            clock.clone(),
        );
        let artist = Arc::new(TestArtist::default());
        let egress: EgressPolicy = settings.egress_allow.parse().unwrap();
        let webhooks = Webhooks::new(WebhookParts {
            store: WebhookStore::new(database.clone()),
            index: pipeline.index.clone(),
            courier: Courier::new(
                Egress::new(egress.clone(), Arc::new(Inside)),
                settings.roots,
            )
            .unwrap(),
            sealer: Sealer::new(&JwtKey::new(vec![7; 32]).unwrap(), &[], random.clone()).unwrap(),
            policy: egress.clone(),
            ids: ids.clone(),
            clock: clock.clone(),
            random,
            drain: settings.drain,
        });
        let app = Arc::new(App {
            accounts,
            eraser,
            webhooks,
            index: pipeline.index.clone(),
            store: pipeline.store.clone(),
            queue: pipeline.queue.clone(),
            thumbnails: Thumbnails::new(pipeline.store.clone(), artist.clone()),
            egress,
            clock: clock.clone(),
            ids,
            rates: Rates::new(settings.sign_ups_per_hour, settings.sign_ins_per_minute),
            limits: Limits {
                quota: settings.quota,
                request_timeout: Duration::from_secs(20),
                trusted_proxies: settings
                    .trusted_proxies
                    .iter()
                    .map(|net| net.parse().unwrap())
                    .collect(),
            },
            stopping: stopping.clone(),
        });
        Self {
            router: router(Arc::clone(&app)),
            pipeline,
            database,
            accounts: store,
            clock,
            stopping,
            app,
            artist,
            _folder: folder,
        }
    }

    /// A request to a path below `/api/v1`.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.router, method, &format!("/api/v1{path}"))
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// A request to any path.
    pub(crate) fn visit(&self, path: &str) -> Call {
        Call::new(&self.router, Method::GET, path)
    }

    /// Makes an account and a session.
    pub(crate) async fn user(&self, name: &str) -> User {
        let accounts = &self.app.accounts;
        let username = name.parse().unwrap();
        accounts
            .sign_up(username, Password::new(PASSWORD))
            .await
            .unwrap();
        self.signed_in(name).await
    }

    /// Starts another session of an account.
    pub(crate) async fn signed_in(&self, name: &str) -> User {
        let accounts = &self.app.accounts;
        let session = accounts
            .sign_in(name, Password::new(PASSWORD))
            .await
            .unwrap();
        let identity = accounts.authenticate(&session.token).await.unwrap();
        User {
            id: identity.user,
            token: session.token,
        }
    }

    /// A file that waits for a converter.
    pub(crate) async fn queued(&self, user: &User) -> FileRecord {
        let id = self.app.ids.file();
        let new = NewFile {
            user: user.id,
            id,
            name: FileName::new("example.com", id),
            url: "https://example.com/".to_owned(),
            options: platen_api_types::PdfOptions::default(),
            idempotency: None,
        };
        match self
            .pipeline
            .index
            .put_queued(new, Quota::UNLIMITED)
            .await
            .unwrap()
        {
            Put::Created(record) => record,
            other => panic!("{other:?}"),
        }
    }

    /// A file with a PDF of these bytes.
    pub(crate) async fn ready(&self, user: &User, title: &str, pdf: &[u8]) -> FileRecord {
        let record = self.claimed(user).await;
        let bytes = Bytes::copy_from_slice(pdf);
        let body = stream::iter([Ok(bytes)]).boxed();
        let store = &self.pipeline.store;
        store.put(&record.pdf_key(), body).await.unwrap();
        let facts = PdfFacts {
            title: Some(title.to_owned()),
            final_url: record.url.clone(),
            pages: 1,
            size: pdf.len() as u64,
            sha256: Sha256::digest(pdf).into(),
        };
        self.finish(&record, Outcome::Ready(facts)).await
    }

    /// A file that could not be made.
    pub(crate) async fn failed(&self, user: &User) -> FileRecord {
        let record = self.claimed(user).await;
        let failure = Failure::from(FailureCode::Timeout);
        self.finish(&record, Outcome::Failed(failure)).await
    }

    /// A file that is being rendered.
    pub(crate) async fn claimed(&self, user: &User) -> FileRecord {
        let file = self.queued(user).await.id;
        let key = FileKey {
            user: user.id,
            file,
        };
        match self.pipeline.index.claim(key, LEASE).await.unwrap() {
            Claim::Claimed(record) => record,
            other => panic!("{other:?}"),
        }
    }

    /// Tells how far it is.
    pub(crate) async fn tell(&self, record: &FileRecord, stage: Stage) {
        let key = FileKey {
            user: record.user,
            file: record.id,
        };
        let index = &self.pipeline.index;
        let told = index.advance(key, record.token, stage).await.unwrap();
        assert_eq!(told, Finish::Recorded);
    }

    async fn finish(&self, record: &FileRecord, outcome: Outcome) -> FileRecord {
        let key = FileKey {
            user: record.user,
            file: record.id,
        };
        let index = &self.pipeline.index;
        let finish = index.finish(key, record.token, outcome).await.unwrap();
        assert_eq!(finish, Finish::Recorded);
        self.record(record.user, record.id).await.unwrap()
    }

    /// The record as it is now.
    pub(crate) async fn record(&self, user: UserId, file: FileId) -> Option<FileRecord> {
        let index = &self.pipeline.index;
        index.get(FileKey { user, file }).await.unwrap()
    }

    /// A second, or an hour: time passes.
    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
        assert!(self.clock.now() > jiff::Timestamp::UNIX_EPOCH);
    }
}
