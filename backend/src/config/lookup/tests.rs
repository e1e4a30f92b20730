//! Against two emulators, whose gaps are not the same.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::ParameterType;
use aws_types::SdkConfig;
use platen_peers::{ACCESS_KEY, Kind, Peer, REGION, SECRET_KEY};
use platen_pipeline_aws::{Aws, Overrides, StaticCredentials};

use crate::config::{Config, OrFolder, Origin, Sources, Vault, effective_toml};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Parameters and secrets on a peer.
struct Shelf {
    sdk: SdkConfig,
    peer: Peer,
}

impl Shelf {
    async fn new(kind: Kind) -> Self {
        let peer = Peer::start(kind)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let overrides = Overrides {
            region: Some(REGION.to_owned()),
            credentials: Some(StaticCredentials {
                access_key_id: ACCESS_KEY.to_owned(),
                secret_access_key: SECRET_KEY.to_owned(),
            }),
            ..Overrides::default()
        };
        let aws = Aws::load(overrides).await.unwrap();
        let sdk = aws
            .sdk_config()
            .to_builder()
            .endpoint_url(peer.url())
            .build();
        Self { sdk, peer }
    }

    async fn put_parameter(&self, name: &str, value: &str) {
        aws_sdk_ssm::Client::new(&self.sdk)
            .put_parameter()
            .name(name)
            .value(value)
            .r#type(ParameterType::SecureString)
            .send()
            .await
            .unwrap();
    }

    async fn put_secret(&self, name: &str, value: &str) -> String {
        let made = aws_sdk_secretsmanager::Client::new(&self.sdk)
            .create_secret()
            .name(name)
            .secret_string(value)
            .send()
            .await
            .unwrap();
        made.arn.unwrap()
    }

    /// The sources once everything has been looked up.
    async fn resolve(&self, env: &[(&str, &str)]) -> Sources {
        let env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut sources = Sources {
            env: env.collect::<BTreeMap<_, _>>(),
            ..Sources::default()
        };
        assert!(sources.refer_to_aws());
        sources.look_up(&Vault::new(&self.sdk)).await;
        sources
    }
}

async fn values_are_found_where_they_are(kind: Kind) {
    let shelf = Shelf::new(kind).await;
    shelf.put_parameter("/keys/jwt", KEY).await;
    let database = r#"{"url": "postgres://u:hunter2@db/platen", "port": 5432}"#;
    let arn = shelf.put_secret("platen/database", database).await;
    shelf
        .put_parameter("/platen/PLATEN_FILES_PER_USER", "7")
        .await;
    // What is set wins over what is under the prefix.
    shelf.put_parameter("/platen/PLATEN_LOG", "debug").await;
    // More than one page of an answer.
    for i in 0..12 {
        shelf
            .put_parameter(&format!("/platen/OTHER_{i}"), "x")
            .await;
    }
    // A value under the prefix may be a reference, too.
    let secret = shelf.put_secret("minutes", "60").await;
    let reference = format!("secretsmanager:{secret}");
    shelf
        .put_parameter("/platen/PLATEN_SESSION_MINUTES", &reference)
        .await;

    let database = format!("secretsmanager:{arn}#url");
    let sources = shelf
        .resolve(&[
            ("HOME", "/h"),
            ("SSM_PREFIX", "/platen/"),
            ("PLATEN_JWT_KEY", "ssm:/keys/jwt"),
            ("DATABASE_URL", &database),
            ("PLATEN_LOG", "warn"),
        ])
        .await;
    let (config, effective) = Config::load(&sources).unwrap();
    assert_eq!(config.accounts.files_per_user.get(), 7);
    assert_eq!(config.accounts.session_minutes.get(), 60);
    assert_eq!(config.log.filter.0, "warn");
    assert!(matches!(config.deployment.database, OrFolder::Set(_)));
    let OrFolder::Set(key) = config.deployment.jwt_key else {
        panic!("no key");
    };
    assert_eq!(key.bytes(), b"01234567890123456789012345678901");

    let aws = effective.iter().filter(|value| value.origin == Origin::Aws);
    assert_eq!(aws.count(), 4);
    let shown = effective_toml(&effective);
    for reference in [
        "jwt_key = \"ssm:/keys/jwt\"",
        "files_per_user = \"ssm:/platen/PLATEN_FILES_PER_USER\"",
        &format!("url = \"{database}\""),
    ] {
        assert!(shown.contains(reference), "{shown}");
    }
    assert!(
        !shown.contains("hunter2") && !shown.contains(KEY),
        "{shown}"
    );
}

async fn what_is_missing_is_told_with_everything_else(kind: Kind) {
    let shelf = Shelf::new(kind).await;
    shelf.put_parameter("/keys/short", "c2hvcnQ=").await;
    shelf.put_secret("database", r#"{"url": "x"}"#).await;
    let sources = shelf
        .resolve(&[
            ("HOME", "/h"),
            ("PLATEN_LISTEN", "ssm:/not/there"),
            ("PLATEN_OPS_LISTEN", "secretsmanager:nothing"),
            ("DATABASE_URL", "secretsmanager:database#uri"),
            ("PLATEN_JWT_KEY", "ssm:/keys/short"),
            ("PLATEN_CONCURRENCY", "none"),
        ])
        .await;
    let errors = Config::load(&sources).unwrap_err();
    let told: Vec<(&str, &str)> = errors
        .0
        .iter()
        .map(|mistake| (mistake.place.as_str(), mistake.remedy.as_str()))
        .collect();
    assert_eq!(
        told[0],
        (
            "PLATEN_LISTEN",
            "`ssm:/not/there`: there is no such parameter"
        )
    );
    assert_eq!(
        told[1],
        (
            "PLATEN_OPS_LISTEN",
            "`secretsmanager:nothing`: there is no such secret"
        )
    );
    assert_eq!(told[2].0, "DATABASE_URL");
    assert!(
        told[2]
            .1
            .contains("`secretsmanager:database#uri`: the secret has no key `uri`")
    );
    assert_eq!(told[3].0, "PLATEN_JWT_KEY at `ssm:/keys/short`");
    assert_eq!(told[4].0, "PLATEN_CONCURRENCY");
    assert_eq!(told.len(), 5);
}

macro_rules! on_every_emulator {
    ($($test:ident)*) => {
        mod ministack {
            $(#[tokio::test] async fn $test() { super::$test(platen_peers::Kind::MiniStack).await; })*
        }
        mod moto {
            $(#[tokio::test] async fn $test() { super::$test(platen_peers::Kind::Moto).await; })*
        }
    };
}

on_every_emulator! {
    values_are_found_where_they_are
    what_is_missing_is_told_with_everything_else
}

#[tokio::test]
async fn a_service_that_is_away_is_a_mistake_like_others() {
    let mut shelf = Shelf::new(Kind::MiniStack).await;
    shelf.peer.kill().await.unwrap();
    let sources = shelf
        .resolve(&[
            ("HOME", "/h"),
            ("SSM_PREFIX", "/platen"),
            ("PLATEN_LOG", "ssm:/log"),
        ])
        .await;
    let errors = Config::load(&sources).unwrap_err();
    let places: Vec<&str> = errors.0.iter().map(|error| error.place.as_str()).collect();
    assert_eq!(places, ["SSM_PREFIX", "PLATEN_LOG"]);
}

#[test]
fn nothing_is_looked_up_where_nothing_points_there() {
    let sources = Sources::of_env([("HOME", "/h"), ("PLATEN_LOG", "info")]);
    assert!(!sources.refer_to_aws());
}
