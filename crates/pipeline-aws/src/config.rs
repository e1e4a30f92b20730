//! One configuration for all three services: where they are, who we are, how long we wait.

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_types::service_config::ServiceConfigKey;
use platen_pipeline::Clock;

use crate::{DynamoIndex, S3Store, SqsQueue};

/// Until the TCP connection stands. Within a region it takes about a millisecond.
const CONNECT: Duration = Duration::from_secs(2);
/// Until the first byte of an answer.
const READ: Duration = Duration::from_secs(10);
/// One try, sending the request included.
const ATTEMPT: Duration = Duration::from_secs(12);
/// All tries of one call and the pauses between them.
const OPERATION: Duration = Duration::from_secs(30);
/// The same for S3, where one try sends up to 8 MiB.
const OBJECT_ATTEMPT: Duration = Duration::from_secs(30);
const OBJECT_OPERATION: Duration = Duration::from_secs(90);
/// Tries of one call, the first included; pauses between them grow and have jitter.
const ATTEMPTS: u32 = 4;

/// Where the services are and who asks, when that is not left to the SDK's own variables and
/// files. Meant for emulators and tests; the default changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub region: Option<String>,
    pub credentials: Option<StaticCredentials>,
    /// URL of DynamoDB.
    pub dynamodb: Option<String>,
    /// URL of SQS.
    pub sqs: Option<String>,
    /// URL of S3. Buckets are then addressed by path, not by host name.
    pub s3: Option<String>,
}

/// An access key that does not expire.
#[derive(Clone)]
pub struct StaticCredentials {
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl std::fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The configuration does not say enough to talk to AWS.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("no aws region: set AWS_REGION")]
    Region,
}

/// The AWS account as this process sees it: makes the adapters. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Aws {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    sdk: SdkConfig,
}

impl Aws {
    /// Reads region, credentials and endpoints as every AWS tool does: `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_PROFILE`, web identity, the container's and the instance's roles,
    /// `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_DYNAMODB`, `_SQS`, `_S3`. Contacts nobody but the
    /// instance's metadata service, and that only when no region is set; credentials are fetched at
    /// the first call and renewed before they end.
    pub async fn from_env() -> Result<Self, ConfigError> {
        Self::load(Overrides::default()).await
    }

    /// As [`from_env`](Self::from_env), but for what `overrides` say.
    pub async fn load(overrides: Overrides) -> Result<Self, ConfigError> {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .timeout_config(timeouts(ATTEMPT, OPERATION))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
        if let Some(region) = overrides.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(key) = overrides.credentials {
            loader = loader.credentials_provider(Credentials::new(
                key.access_key_id,
                key.secret_access_key,
                None,
                None,
                "platen",
            ));
        }
        let sdk = loader.load().await;
        if sdk.region().is_none() {
            return Err(ConfigError::Region);
        }

        let mut dynamodb = aws_sdk_dynamodb::config::Builder::from(&sdk);
        if let Some(url) = overrides.dynamodb {
            dynamodb = dynamodb.endpoint_url(url);
        }
        let mut sqs = aws_sdk_sqs::config::Builder::from(&sdk);
        if let Some(url) = overrides.sqs {
            sqs = sqs.endpoint_url(url);
        }
        // Emulators have no wildcard DNS for `bucket.host`.
        let by_path = overrides.s3.is_some() || s3_endpoint_is_set(&sdk);
        let mut s3 = aws_sdk_s3::config::Builder::from(&sdk)
            .force_path_style(by_path)
            .timeout_config(timeouts(OBJECT_ATTEMPT, OBJECT_OPERATION));
        if let Some(url) = overrides.s3 {
            s3 = s3.endpoint_url(url);
        }
        Ok(Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            sqs: aws_sdk_sqs::Client::from_conf(sqs.build()),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            sdk,
        })
    }

    /// The index of files in a table. [`create_table`](crate::create_table) shows its shape.
    pub fn index(&self, table: impl Into<String>, clock: Arc<dyn Clock>) -> DynamoIndex {
        DynamoIndex::new(self.dynamodb.clone(), table.into(), clock)
    }

    /// A queue by its URL: the work queue, or its dead-letter queue.
    pub fn queue(&self, url: impl Into<String>) -> SqsQueue {
        SqsQueue::new(self.sqs.clone(), url.into())
    }

    /// The PDFs in a bucket.
    pub fn store(&self, bucket: impl Into<String>) -> S3Store {
        S3Store::new(self.s3.clone(), bucket.into())
    }

    pub const fn dynamodb_client(&self) -> &aws_sdk_dynamodb::Client {
        &self.dynamodb
    }

    pub const fn sqs_client(&self) -> &aws_sdk_sqs::Client {
        &self.sqs
    }

    pub const fn s3_client(&self) -> &aws_sdk_s3::Client {
        &self.s3
    }

    /// For clients of further services, such as Systems Manager.
    pub const fn sdk_config(&self) -> &SdkConfig {
        &self.sdk
    }
}

fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build()
}

fn s3_endpoint_is_set(sdk: &SdkConfig) -> bool {
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    sdk.endpoint_url().is_some()
        || key.is_ok_and(|key| {
            sdk.service_config()
                .is_some_and(|services| services.load_config(key).is_some())
        })
}
