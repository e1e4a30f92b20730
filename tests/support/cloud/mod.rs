//! The services of AWS that the product runs on, played by emulators, each behind a proxy that can
//! make requests go wrong.

mod function;
mod hold;
mod proxy;
mod sabotage;
mod weather;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use anyhow::{Context as _, Result};
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use platen_peers::{ACCESS_KEY, Kind, Peer, REGION, SECRET_KEY};
use platen_pipeline_aws::{
    Aws, Overrides, Queues, StaticCredentials, create_bucket, create_queues, create_table,
};

use proxy::Service;

use crate::program;

pub use function::{Code, Function, NewFunction};
pub use hold::{Held, Moment};
pub use proxy::FaultProxy;
pub use sabotage::Sabotage;
pub use weather::Weather;

/// Of the table, the queue and the bucket.
const NAME: &str = "platen";

/// Deliveries of a message before it is a dead letter, as an installation has it.
const DELIVERIES: u16 = 5;

/// Time-out of the function, and of the queue's messages while it has them. It gives back what is not
/// done five seconds before, so this leaves ten for a batch.
const INVOCATION: Duration = Duration::from_secs(15);

/// Table, queues and bucket, made and empty.
pub struct Cloud {
    pub dynamodb: FaultProxy,
    pub sqs: FaultProxy,
    pub s3: FaultProxy,
    queues: Queues,
    /// Where functions are made.
    lambda: String,
    /// Straight to the emulators, for looking.
    aws: Aws,
    _peers: [Peer; 3],
}

impl Cloud {
    pub async fn start() -> Result<Self> {
        Self::with_deliveries(DELIVERIES).await
    }

    /// One whose messages become dead letters after so many deliveries.
    pub async fn with_deliveries(deliveries: u16) -> Result<Self> {
        let (dynamodb, sqs, s3) = tokio::try_join!(
            Peer::start(Kind::Dynoxide),
            Peer::start(Kind::MiniStack),
            Peer::start(Kind::S3sFs),
        )?;
        let aws = Aws::load(Overrides {
            region: Some(REGION.to_owned()),
            credentials: Some(StaticCredentials {
                access_key_id: ACCESS_KEY.to_owned(),
                secret_access_key: SECRET_KEY.to_owned(),
            }),
            dynamodb: Some(dynamodb.url()),
            sqs: Some(sqs.url()),
            s3: Some(s3.url()),
        })
        .await?;
        create_table(aws.dynamodb_client(), NAME).await?;
        create_bucket(aws.s3_client(), NAME).await?;
        let queues = create_queues(aws.sqs_client(), NAME, deliveries).await?;
        Ok(Self {
            dynamodb: FaultProxy::start(Service::DynamoDb, dynamodb.address()).await?,
            sqs: FaultProxy::start(Service::Sqs, sqs.address()).await?,
            s3: FaultProxy::start(Service::S3, s3.address()).await?,
            queues,
            lambda: sqs.url(),
            aws,
            _peers: [dynamodb, sqs, s3],
        })
    }

    /// The environment that makes the product use it, through the proxies.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.url()),
            ("AWS_ENDPOINT_URL_SQS", self.sqs.url()),
            ("AWS_ENDPOINT_URL_S3", self.s3.url()),
            ("PLATEN_DYNAMODB_TABLE", NAME.to_owned()),
            ("PLATEN_S3_BUCKET", NAME.to_owned()),
            ("PLATEN_SQS_QUEUE_URL", self.queues.work.clone()),
            (
                "PLATEN_SQS_DEAD_LETTERS_URL",
                self.queues.dead_letters.clone(),
            ),
        ]
    }

    /// Makes the converter a function that answers the work queue, with [`Self::env`] and more.
    pub async fn deploy(&self, more: &[(&str, &str)]) -> Result<Function> {
        let code = Code::Program {
            path: &program::converter()?,
            keys: Some((ACCESS_KEY, SECRET_KEY)),
        };
        self.deploy_code(code, INVOCATION, more).await
    }

    /// The same with a converter that is started in another way, and may need longer for it.
    pub async fn deploy_code(
        &self,
        code: Code<'_>,
        timeout: Duration,
        more: &[(&str, &str)],
    ) -> Result<Function> {
        let sqs = self.aws.sqs_client();
        sqs.set_queue_attributes()
            .queue_url(&self.queues.work)
            .attributes(Attribute::VisibilityTimeout, timeout.as_secs().to_string())
            .send()
            .await?;
        let attributes = self.attributes(&self.queues.work).await?;
        let queue = attributes.get(&Attribute::QueueArn).context("no ARN")?;
        let more = more
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let environment = self.env().into_iter().chain(more);
        let new = NewFunction {
            // Others of these tests may run beside this one.
            name: &format!("converter-{}", self.sqs.port()),
            code,
            environment: environment
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            timeout,
            queue,
        };
        Function::deploy(&self.lambda, new).await
    }

    /// All proxies.
    pub fn proxies(&self) -> [&FaultProxy; 3] {
        [&self.dynamodb, &self.sqs, &self.s3]
    }

    /// Lets every request through from now on.
    pub fn clear_up(&self) {
        for proxy in self.proxies() {
            proxy.set_weather(Weather::fair());
        }
    }

    /// Sends a text that is no message of the product.
    pub async fn send_poison(&self, text: &str) -> Result<()> {
        self.aws
            .sqs_client()
            .send_message()
            .queue_url(&self.queues.work)
            .message_body(text)
            .send()
            .await?;
        Ok(())
    }

    /// Messages that wait or are being worked on, and dead letters.
    pub async fn messages(&self) -> Result<(u32, u32)> {
        Ok((
            self.depth(&self.queues.work).await?,
            self.depth(&self.queues.dead_letters).await?,
        ))
    }

    async fn depth(&self, queue: &str) -> Result<u32> {
        let attributes = self.attributes(queue).await?;
        [
            Attribute::ApproximateNumberOfMessages,
            Attribute::ApproximateNumberOfMessagesNotVisible,
            Attribute::ApproximateNumberOfMessagesDelayed,
        ]
        .iter()
        .filter_map(|name| attributes.get(name))
        .map(|count| Ok(count.parse::<u32>()?))
        .sum()
    }

    async fn attributes(&self, queue: &str) -> Result<HashMap<Attribute, String>> {
        let answer = self
            .aws
            .sqs_client()
            .get_queue_attributes()
            .queue_url(queue)
            .attribute_names(Attribute::All)
            .send()
            .await?;
        answer.attributes.context("no attributes")
    }

    /// Keys of the objects there are.
    pub async fn objects(&self) -> Result<Vec<String>> {
        let mut pages = self
            .aws
            .s3_client()
            .list_objects_v2()
            .bucket(NAME)
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            keys.extend(
                page?
                    .contents()
                    .iter()
                    .filter_map(|object| object.key.clone()),
            );
        }
        Ok(keys)
    }

    /// Records of files, by `user/file`, with their status.
    pub async fn records(&self) -> Result<BTreeMap<String, String>> {
        let mut pages = self
            .aws
            .dynamodb_client()
            .scan()
            .table_name(NAME)
            .into_paginator()
            .items()
            .send();
        let mut records = BTreeMap::new();
        while let Some(item) = pages.next().await {
            let item = item?;
            let text = |name: &str| item.get(name)?.as_s().ok().cloned();
            // What begins with `#` is bookkeeping.
            if let (Some(user), Some(file)) = (text("user_id"), text("file_id"))
                && !file.starts_with('#')
            {
                let status = text("status").unwrap_or_default();
                records.insert(format!("{user}/{file}"), status);
            }
        }
        Ok(records)
    }
}
