//! Settings, from the environment. Those that the backend has too have the same names.

mod reader;

use std::{
    collections::BTreeMap, fmt, net::SocketAddr, num::NonZeroUsize, ops::RangeInclusive,
    path::PathBuf, time::Duration,
};

use platen_converter::ConverterSettings;
use platen_egress::EgressPolicy;
use platen_renderer::RendererConfig;
use platen_telemetry::{LogFormat, LogSettings, logs};
use url::Url;

use self::reader::{Reader, Wrong};

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// URL of the work queue.
    pub queue_url: String,
    /// Name of the table of files.
    pub table: String,
    /// Name of the bucket of PDFs.
    pub bucket: String,
    pub renderer: RendererConfig,
    /// Destinations beyond the public web that pages may load from.
    pub egress_allow: EgressPolicy,
    /// How long a file is a converter's without a sign of life; then another one takes it up.
    pub lease: Duration,
    /// How long a worker that is told to stop lets its jobs run.
    pub shutdown_timeout: Duration,
    /// Where a worker tells its metrics and that it lives.
    pub ops_listen: Option<SocketAddr>,
    pub log: LogSettings,
    /// Variables with our prefix that are no settings.
    pub unknown: Vec<String>,
}

/// One mistake, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub variable: &'static str,
    /// What is wrong and what is accepted.
    pub remedy: String,
}

/// Everything that is wrong with the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Mistake>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        for Mistake { variable, remedy } in &self.0 {
            write!(f, "\n  - {variable}: {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Reads all settings before it gives up, so that all mistakes can be mended in one go.
    pub fn read(environment: &BTreeMap<String, String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(environment);
        let queue_url = reader.required(
            "PLATEN_SQS_QUEUE_URL",
            "the URL of the work queue",
            queue_url,
        );
        let table = reader.required(
            "PLATEN_DYNAMODB_TABLE",
            "the name of the table of files",
            text,
        );
        let bucket = reader.required("PLATEN_S3_BUCKET", "the name of the bucket of PDFs", text);
        let renderer = renderer(&mut reader);
        let egress_allow = reader.or_else(
            "PLATEN_EGRESS_ALLOW",
            EgressPolicy::default,
            "comma-separated host:port, address:port or networks, such as wiki.corp.example:443",
            |text| text.parse().ok(),
        );
        let lease = reader.or_else(
            "PLATEN_LEASE",
            || ConverterSettings::default().lease,
            "seconds, a whole number from 3 to 600",
            |text| seconds(text, 3..=600),
        );
        let shutdown_timeout = reader.or_else(
            "PLATEN_SHUTDOWN_TIMEOUT",
            || Duration::from_secs(30),
            "seconds, a whole number from 0 to 600",
            |text| seconds(text, 0..=600),
        );
        let ops_listen = reader.optional(
            "PLATEN_OPS_LISTEN",
            "an IP address and a port, such as 127.0.0.1:9090",
            |text| text.parse().ok(),
        );
        let log = log(&mut reader);
        // The backend reads the dead letters; both may be given the same set of variables.
        let unknown = reader.strangers(&["PLATEN_SQS_DEAD_LETTERS_URL"]);
        let whole = || -> Result<Self, Wrong> {
            Ok(Self {
                queue_url: queue_url?,
                table: table?,
                bucket: bucket?,
                renderer: renderer?,
                egress_allow: egress_allow?,
                lease: lease?,
                shutdown_timeout: shutdown_timeout?,
                ops_listen: ops_listen?,
                log: log?,
                unknown,
            })
        };
        let config = whole();
        reader.finish(config)
    }
}

fn renderer(reader: &mut Reader<'_>) -> Result<RendererConfig, Wrong> {
    let concurrency = reader.or_else(
        "PLATEN_CONCURRENCY",
        cores,
        "a whole number from 1 to 256",
        |text| {
            let number: Option<NonZeroUsize> = text.parse().ok();
            number.filter(|number| number.get() <= 256)
        },
    );
    let browser = reader.optional("PLATEN_CHROMIUM", "a path", path);
    let nobody = || "nobody".to_owned();
    let run_as = reader.or_else("PLATEN_BROWSER_USER", nobody, "a name", text);
    let allow_no_sandbox = reader.or_else(
        "PLATEN_ALLOW_NO_SANDBOX",
        || false,
        "true or false",
        |text| text.parse().ok(),
    );
    // Any text is a path, so nothing can be wrong with it.
    let temporary = reader.optional("TMPDIR", "a path", path);
    let temporary = temporary.unwrap_or_default();
    let work_dir = reader.or_else("PLATEN_WORK_DIR", || work_dir(temporary), "a path", path);
    Ok(RendererConfig {
        browser: browser?,
        run_as: run_as?,
        allow_no_sandbox: allow_no_sandbox?,
        concurrency: concurrency?,
        ..RendererConfig::new(work_dir?)
    })
}

fn log(reader: &mut Reader<'_>) -> Result<LogSettings, Wrong> {
    let filter = reader.or_else(
        "PLATEN_LOG",
        || "info".to_owned(),
        "a level, or comma-separated target=level, such as info,platen_renderer=debug",
        |text| logs::check_filter(text).ok().map(|()| text.to_owned()),
    );
    let format = reader.or_else(
        "PLATEN_LOG_FORMAT",
        LogFormat::default,
        "auto, human or json",
        |text| text.parse().ok(),
    );
    Ok(LogSettings {
        filter: filter?,
        format: format?,
    })
}

fn queue_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_of_queue = matches!(url.scheme(), "http" | "https") && url.path().len() > 1;
    is_of_queue.then(|| text.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a parser")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a parser")]
fn path(text: &str) -> Option<PathBuf> {
    Some(text.into())
}

fn seconds(text: &str, accepted: RangeInclusive<u64>) -> Option<Duration> {
    let seconds = text.parse().ok()?;
    accepted
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}

fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A folder of our own where temporary files go; in Lambda that is the only place to write to.
fn work_dir(temporary: Option<PathBuf>) -> PathBuf {
    let temporary = temporary.unwrap_or_else(|| "/tmp".into());
    let user = rustix::process::geteuid().as_raw();
    temporary.join(format!("platen-{user}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [(&str, &str); 3] = [
        (
            "PLATEN_SQS_QUEUE_URL",
            "https://sqs.eu-central-1.amazonaws.com/1/platen",
        ),
        ("PLATEN_DYNAMODB_TABLE", "platen"),
        ("PLATEN_S3_BUCKET", "platen"),
    ];

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let pairs = variables
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        Config::read(&pairs.collect())
    }

    #[test]
    fn queue_table_and_bucket_are_enough() {
        let config = read(&REQUIRED).unwrap();
        assert_eq!(config.table, "platen");
        assert!(config.egress_allow.is_public_only());
        assert!(!config.renderer.allow_no_sandbox);
        assert!(config.renderer.work_dir.starts_with("/tmp"));
        assert!(config.unknown.is_empty());
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let errors = read(&[
            ("PLATEN_SQS_QUEUE_URL", "platen"),
            ("PLATEN_S3_BUCKET", ""),
            ("PLATEN_CONCURRENCY", "0"),
            ("PLATEN_ALLOW_NO_SANDBOX", "yes"),
            ("PLATEN_EGRESS_ALLOW", "no/net"),
            ("PLATEN_SHUTDOWN_TIMEOUT", "601"),
            ("PLATEN_OPS_LISTEN", "9090"),
            ("PLATEN_LOG", "platen=loud"),
            ("PLATEN_LOG_FORMAT", "xml"),
        ])
        .unwrap_err();
        let variables: Vec<&str> = errors.0.iter().map(|mistake| mistake.variable).collect();
        assert_eq!(
            variables,
            [
                "PLATEN_SQS_QUEUE_URL",
                "PLATEN_DYNAMODB_TABLE",
                "PLATEN_S3_BUCKET",
                "PLATEN_CONCURRENCY",
                "PLATEN_ALLOW_NO_SANDBOX",
                "PLATEN_EGRESS_ALLOW",
                "PLATEN_SHUTDOWN_TIMEOUT",
                "PLATEN_OPS_LISTEN",
                "PLATEN_LOG",
                "PLATEN_LOG_FORMAT",
            ]
        );
        let text = errors.to_string();
        assert!(text.contains("set the name of the table"), "{text}");
    }

    #[test]
    fn a_misspelt_variable_is_noticed() {
        let mut variables = REQUIRED.to_vec();
        variables.extend([
            ("PLATEN_CONCURENCY", "2"),
            ("PLATEN_SQS_DEAD_LETTERS_URL", "https://sqs/1/dead"),
            ("TMPDIR", "/scratch"),
        ]);
        let config = read(&variables).unwrap();
        assert_eq!(config.unknown, ["PLATEN_CONCURENCY"]);
        assert!(config.renderer.work_dir.starts_with("/scratch"));
    }
}
