//! What the program works on, and what users did.

use std::time::Duration;

use futures::TryStreamExt as _;
use platen_api_types::PdfOptions;
use platen_peers::{ACCESS_KEY, Kind, Peer, REGION, SECRET_KEY};
use platen_pipeline::{
    ConversionQueue as _, FileIndex as _, FileKey, FileName, FileRecord, FileState, Message,
    NewFile, PdfStore as _, Put, Quota, SystemClock,
};
use platen_pipeline_aws::{
    Aws, DynamoIndex, Overrides, Queues, S3Store, SqsQueue, StaticCredentials, create_bucket,
    create_queues, create_table,
};
use platen_tests::{Site, eventually};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// A cold browser on a busy machine takes seconds; everything else is much faster.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Table, queues and bucket of one test, on emulators that all tests share.
pub(crate) struct Stack {
    pub aws: Aws,
    pub index: DynamoIndex,
    pub queue: SqsQueue,
    pub dead_letters: SqsQueue,
    pub store: S3Store,
    pub queues: Queues,
    /// Of table and bucket.
    pub name: String,
    pub site: Site,
}

/// The URL of a peer, which is started by the first to ask and ends with this process.
pub(crate) async fn url(kind: Kind) -> String {
    static PEERS: [OnceCell<Peer>; 4] = [const { OnceCell::const_new() }; 4];
    let start = || async { Peer::start(kind).await.unwrap_or_else(|e| panic!("{e}")) };
    PEERS[kind as usize].get_or_init(start).await.url()
}

impl Stack {
    /// `deliveries` of a message make it a dead letter.
    pub(crate) async fn new(deliveries: u16) -> Self {
        let (dynoxide, ministack) = tokio::join!(url(Kind::Dynoxide), url(Kind::MiniStack));
        let aws = Aws::load(Overrides {
            region: Some(REGION.to_owned()),
            credentials: Some(StaticCredentials {
                access_key_id: ACCESS_KEY.to_owned(),
                secret_access_key: SECRET_KEY.to_owned(),
            }),
            dynamodb: Some(dynoxide),
            sqs: Some(ministack.clone()),
            s3: Some(ministack),
        });
        let aws = aws.await.unwrap();
        let name = format!("platen-{}", Uuid::now_v7());
        create_table(aws.dynamodb_client(), &name).await.unwrap();
        create_bucket(aws.s3_client(), &name).await.unwrap();
        let queues = create_queues(aws.sqs_client(), &name, deliveries);
        let queues = queues.await.unwrap();
        Self {
            index: aws.index(&name, std::sync::Arc::new(SystemClock)),
            queue: aws.queue(&queues.work),
            dead_letters: aws.queue(&queues.dead_letters),
            store: aws.store(&name),
            site: Site::start().await.unwrap(),
            aws,
            queues,
            name,
        }
    }

    /// The settings of a program that works on this stack.
    pub(crate) async fn environment(&self) -> Vec<(String, String)> {
        let (dynoxide, ministack) = tokio::join!(url(Kind::Dynoxide), url(Kind::MiniStack));
        [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_ENDPOINT_URL_DYNAMODB", &dynoxide),
            ("AWS_ENDPOINT_URL_SQS", &ministack),
            ("AWS_ENDPOINT_URL_S3", &ministack),
            ("PLATEN_SQS_QUEUE_URL", &self.queues.work),
            ("PLATEN_DYNAMODB_TABLE", &self.name),
            ("PLATEN_S3_BUCKET", &self.name),
            ("PLATEN_EGRESS_ALLOW", &self.site.authority()),
            ("PLATEN_CONCURRENCY", "2"),
            ("PLATEN_LOG_FORMAT", "json"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// A request for a page of the site: record, then message.
    pub(crate) async fn submit(&self, path: &str) -> FileKey {
        let key = FileKey {
            user: Uuid::now_v7().to_string().parse().unwrap(),
            file: Uuid::now_v7().to_string().parse().unwrap(),
        };
        let new = NewFile {
            user: key.user,
            id: key.file,
            name: FileName::new(path, key.file),
            url: self.site.url(path),
            options: PdfOptions::default(),
            idempotency: None,
        };
        let put = self.index.put_queued(new, Quota::UNLIMITED).await.unwrap();
        assert!(matches!(put, Put::Created(_)));
        let mut message = Message::convert(key.user, key.file);
        message.trace_parent = Some(format!("00-{TRACE_ID}-00f067aa0ba902b7-01"));
        self.queue.send(&message).await.unwrap();
        key
    }

    /// A message that no converter understands.
    pub(crate) async fn poison(&self) {
        let send = self.aws.sqs_client().send_message();
        let send = send.queue_url(&self.queues.work).message_body("poison");
        send.send().await.unwrap();
    }

    pub(crate) async fn record(&self, key: FileKey) -> FileRecord {
        self.index.get(key).await.unwrap().unwrap()
    }

    /// The record, once its conversion has ended.
    pub(crate) async fn ended(&self, key: FileKey) -> FileRecord {
        eventually("conversion ends", PATIENCE, async || {
            let record = self.record(key).await;
            let ended = matches!(
                record.state,
                FileState::Ready { .. } | FileState::Failed { .. }
            );
            Ok(ended.then_some(record))
        })
        .await
        .unwrap()
    }

    /// Bytes of the PDF that the record speaks of, which is the only object of the file.
    pub(crate) async fn pdf(&self, key: FileKey) -> Vec<u8> {
        let record = self.record(key).await;
        let FileState::Ready { pdf, .. } = &record.state else {
            panic!("{:?}", record.state);
        };
        let keys = self.store.keys(None, 100).await.unwrap();
        let of_file = keys.iter().filter(|object| object.file == key.file);
        assert_eq!(of_file.count(), 1);
        let object = self.store.get(&record.pdf_key(), None).await.unwrap();
        let object = object.unwrap();
        assert_eq!(object.size, pdf.size);
        let body = object.body.try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        });
        body.await.unwrap()
    }

    /// Whether somebody could receive a message now.
    pub(crate) async fn has_waiting(&self) -> bool {
        let receive = self
            .queue
            .receive(1, Duration::from_secs(5), Duration::ZERO);
        !receive.await.unwrap().is_empty()
    }
}
