//! Every setting there is.

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use platen_egress::EgressPolicy;
use platen_telemetry::{LogFormat, LogSettings};

use super::{
    Bounded, ConfigErrors, Deployment, Effective, JwtKey, List, Seconds, Setting, Sources,
    key::{DefaultValue, Exposure, Key, Section, section},
    reader::Reader,
    setting::{DatabaseUrl, LogFilter, ServiceUrl},
};

section! {
    /// The site and the API.
    pub struct Server in "server" {
        /// Where the site and the API are served.
        listen: SocketAddr = "PLATEN_LISTEN", DefaultValue::Text("127.0.0.1:8080");
        /// Where operators find `/healthz`, `/readyz` and `/metrics`. Keep it private.
        ops_listen: SocketAddr = "PLATEN_OPS_LISTEN", DefaultValue::Text("127.0.0.1:9090");
        /// Proxies in front of Platen. Only from these are `X-Forwarded-For`, `X-Forwarded-Proto`
        /// and `X-Request-Id` believed.
        trusted_proxies: List<IpNet> = "PLATEN_TRUSTED_PROXIES", DefaultValue::Unset;
        /// How long an answer may take to begin before the client is told 503.
        request_timeout: Seconds<1, 600> = "PLATEN_REQUEST_TIMEOUT", DefaultValue::Text("30");
        /// How long a client may take to send its request headers, and stay connected without a
        /// request.
        header_timeout: Seconds<1, 600> = "PLATEN_HEADER_TIMEOUT", DefaultValue::Text("20");
        /// How long a client may refuse to take the bytes of an answer before it is cut off.
        write_timeout: Seconds<1, 3600> = "PLATEN_WRITE_TIMEOUT", DefaultValue::Text("60");
        /// How long running requests and conversions may go on after the first SIGTERM or SIGINT.
        /// What is not done by then is taken up at the next start. A second signal does not wait.
        shutdown_timeout: Seconds<0, 600> = "PLATEN_SHUTDOWN_TIMEOUT", DefaultValue::Text("30");
    }
}

section! {
    /// What Platen keeps on this machine.
    pub struct Data in "data" {
        /// Folder for the databases, the PDFs and the generated key. Only one Platen may use it at
        /// a time. On AWS there is none.
        dir: Option<PathBuf> = "PLATEN_DATA_DIR", DefaultValue::Computed {
            shown: "`$XDG_DATA_HOME/platen`, or `~/.local/share/platen`",
            compute: data_dir,
        };
    }
}

section! {
    /// AWS. When these four are set, files, messages and PDFs are kept there, pages are converted by
    /// `converter-lambda`, and any number of servers may run at once; each of them sends lost messages
    /// again and takes care of dead letters. They keep nothing on their machine, so they need
    /// `DATABASE_URL` and `PLATEN_JWT_KEY`, too. When none is set, everything is on this machine.
    ///
    /// Region, credentials and endpoints are those of every AWS tool: `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, web identity, the container's or the instance's role,
    /// `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_SQS`, `_DYNAMODB`, `_S3`, `_SSM`, `_SECRETS_MANAGER`.
    pub struct AwsNames in "aws" {
        /// URL of the work queue.
        queue_url: Option<ServiceUrl> = "PLATEN_SQS_QUEUE_URL", DefaultValue::Unset;
        /// URL of the queue that its redrive policy names.
        dead_letters_url: Option<ServiceUrl> = "PLATEN_SQS_DEAD_LETTERS_URL", DefaultValue::Unset;
        /// Name of the table of files.
        table: Option<String> = "PLATEN_DYNAMODB_TABLE", DefaultValue::Unset;
        /// Name of the bucket of PDFs.
        bucket: Option<String> = "PLATEN_S3_BUCKET", DefaultValue::Unset;
    }
}

section! {
    /// Accounts and sessions are kept in a database.
    pub struct Database in "database" {
        /// The database: SQLite, PostgreSQL, or MySQL and its kin MariaDB. Unset: a SQLite file in the
        /// data folder. Several servers share one that is not SQLite. `sslmode=verify-full` (on MySQL
        /// `ssl-mode=VERIFY_IDENTITY`) in the URL makes the connection prove whom it leads to;
        /// `sslrootcert` (`ssl-ca`) names further certificates to trust. The user has to be allowed to
        /// create and alter tables.
        url: Option<DatabaseUrl> = "DATABASE_URL", DefaultValue::Unset, Url;
        /// Connections kept open at most.
        connections: Bounded<1, 1000> = "PLATEN_DATABASE_CONNECTIONS", DefaultValue::Text("8");
    }
}

section! {
    /// Who may use Platen, and how much.
    pub struct Accounts in "accounts" {
        /// Signs session tokens, and seals the secrets of webhooks in the database. Unset: generated
        /// at the first start and kept in the data folder, readable by its owner alone. Several
        /// servers need the same one.
        jwt_key: Option<JwtKey> = "PLATEN_JWT_KEY", DefaultValue::Unset, Secret;
        /// Earlier keys: tokens signed with them stay good until they expire, and secrets of webhooks
        /// are sealed anew. To change the key without signing everyone out, or losing these secrets,
        /// move the old one here.
        jwt_previous_keys: List<JwtKey> = "PLATEN_JWT_PREVIOUS_KEYS", DefaultValue::Unset, Secret;
        /// Minutes after which a person has to sign in again.
        session_minutes: Bounded<15, 720> = "PLATEN_SESSION_MINUTES", DefaultValue::Text("720");
        /// Accounts that one address may create in an hour. IPv6 addresses count by their /64.
        sign_ups_per_hour: Bounded<1, 1_000_000> = "PLATEN_SIGN_UPS_PER_HOUR", DefaultValue::Text("3");
        /// Attempts to sign in that one address may make in a minute; the same number of sign-ups
        /// may be attempted.
        sign_ins_per_minute: Bounded<1, 1_000_000> = "PLATEN_SIGN_INS_PER_MINUTE", DefaultValue::Text("10");
        /// Files that one user may keep.
        files_per_user: Bounded<1, 1_000_000_000> = "PLATEN_FILES_PER_USER", DefaultValue::Text("10000");
        /// Requests of one user that may wait or be rendered at the same time. More are told to come
        /// back.
        requests_in_progress_per_user: Bounded<1, 1_000_000_000> = "PLATEN_REQUESTS_IN_PROGRESS_PER_USER", DefaultValue::Text("500");
        /// Passwords hashed at the same time; each takes 19 MiB and a core. Where that is every
        /// core, whoever reads waits while many sign in.
        hashing_concurrency: Bounded<1, 1024> = "PLATEN_HASHING_CONCURRENCY", DefaultValue::Computed {
            shown: "number of cores but one, at least 1",
            compute: all_cores_but_one,
        };
    }
}

section! {
    /// Turning pages into PDFs. On AWS, `converter-lambda` does so and has its own; here only
    /// `egress_allow` counts then, for addresses are judged when they are asked for, too.
    pub struct Conversion in "conversion" {
        /// Pages rendered at the same time.
        concurrency: Bounded<1, 256> = "PLATEN_CONCURRENCY", DefaultValue::Computed {
            shown: "number of cores",
            compute: cores,
        };
        /// The browser. Unset: `chromium-headless-shell`, `chromium` or `google-chrome` is looked for.
        chromium: Option<PathBuf> = "PLATEN_CHROMIUM", DefaultValue::Unset;
        /// Unprivileged user that the browser runs as when Platen runs as root.
        browser_user: String = "PLATEN_BROWSER_USER", DefaultValue::Text("nobody");
        /// Run the browser without its sandbox. Only where something else contains it.
        allow_no_sandbox: bool = "PLATEN_ALLOW_NO_SANDBOX", DefaultValue::Text("false");
        /// Folder for the browsers' profiles and temporary files, emptied as they end. The browser's
        /// user must be able to pass it.
        work_dir: PathBuf = "PLATEN_WORK_DIR", DefaultValue::Computed {
            shown: "`platen-<user id>` in `$TMPDIR` or `/tmp`",
            compute: work_dir,
        };
        /// Destinations beyond the public web that pages may load from, and webhooks be sent to: an
        /// intranet, say. Every entry is a way into your network for everyone who may sign up.
        egress_allow: EgressPolicy = "PLATEN_EGRESS_ALLOW", DefaultValue::Unset;
    }
}

section! {
    /// Repairing what crashes leave behind.
    pub struct Sweep in "sweep" {
        /// How long work may wait before its message counts as lost and is sent again. Longer than
        /// messages usually wait in the queue: one that is only late is sent twice, which costs a
        /// little and harms nothing.
        resend_after: Seconds<1, 86_400> = "PLATEN_RESEND_AFTER", DefaultValue::Text("600");
        /// Time between looks through all PDFs for some that no record accounts for. A look reads one
        /// record per PDF. On AWS, the first one comes some part of this time after the start.
        orphans_every: Seconds<1, 2_592_000> = "PLATEN_ORPHANS_EVERY", DefaultValue::Text("86400");
    }
}

section! {
    /// Log lines, on standard error.
    pub struct Log in "log" {
        /// What is logged.
        filter: LogFilter = "PLATEN_LOG", DefaultValue::Text("info");
        /// How: `human` is a line per event, `json` an object per line, `auto` the first on a
        /// terminal and the second elsewhere.
        format: LogFormat = "PLATEN_LOG_FORMAT", DefaultValue::Text("auto");
    }
}

impl Log {
    pub fn settings(&self) -> LogSettings {
        LogSettings {
            filter: self.filter.0.clone(),
            format: self.format,
        }
    }
}

/// The whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub server: Server,
    pub deployment: Deployment,
    pub database: Database,
    pub accounts: Accounts,
    pub conversion: Conversion,
    pub sweep: Sweep,
    pub log: Log,
}

impl Config {
    pub(super) const SECTIONS: &[Section] = &[
        Server::SECTION,
        Data::SECTION,
        AwsNames::SECTION,
        Database::SECTION,
        Accounts::SECTION,
        Conversion::SECTION,
        Sweep::SECTION,
        Log::SECTION,
    ];

    /// The configuration, and every key with the value in force.
    pub fn load(sources: &Sources) -> Result<(Self, Vec<Effective>), ConfigErrors> {
        let mut reader = Reader::new(sources);
        let server = Server::read(&mut reader);
        let data = Data::read(&mut reader);
        let aws = AwsNames::read(&mut reader);
        let database = Database::read(&mut reader);
        let accounts = Accounts::read(&mut reader);
        let conversion = Conversion::read(&mut reader);
        let sweep = Sweep::read(&mut reader);
        let log = Log::read(&mut reader);
        let deployment =
            Deployment::of(&mut reader, data, aws, database.as_ref(), accounts.as_ref());
        let whole = || {
            Some(Self {
                server: server?,
                deployment: deployment?,
                database: database?,
                accounts: accounts?,
                conversion: conversion?,
                sweep: sweep?,
                log: log?,
            })
        };
        let config = whole();
        reader.finish(config, Self::SECTIONS)
    }
}

/// XDG Base Directory Specification 0.8: a relative `XDG_DATA_HOME` is to be ignored.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a computed default")]
fn data_dir(sources: &Sources) -> Result<String, String> {
    if let Some(home) = sources.variable("XDG_DATA_HOME")
        && home.starts_with('/')
    {
        return Ok(format!("{home}/platen"));
    }
    // Whether one is needed depends on the rest.
    let home = sources.variable("HOME");
    Ok(home.map_or_else(String::new, |home| format!("{home}/.local/share/platen")))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a computed default")]
fn work_dir(sources: &Sources) -> Result<String, String> {
    let temporary = sources.variable("TMPDIR").unwrap_or("/tmp");
    let user = rustix::process::geteuid().as_raw();
    Ok(format!("{}/platen-{user}", temporary.trim_end_matches('/')))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a computed default")]
fn cores(_: &Sources) -> Result<String, String> {
    Ok(available_cores().min(256).to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a computed default")]
fn all_cores_but_one(_: &Sources) -> Result<String, String> {
    Ok((available_cores() - 1).clamp(1, 256).to_string())
}

fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Origin, source::File};

    fn with_file(env: Sources, text: &str) -> Sources {
        Sources {
            file: Some(File::parse(Path::new("platen.toml"), text).unwrap()),
            ..env
        }
    }

    #[test]
    fn defaults_are_enough() {
        let (config, effective) = Config::load(&Sources::of_env([("HOME", "/home/ada")])).unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.accounts.session_minutes.get(), 720);
        assert!(config.conversion.egress_allow.is_public_only());
        assert!(effective.iter().all(|key| key.origin == Origin::Default));
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let sources = with_file(
            Sources::of_env([
                ("HOME", "/h"),
                ("PLATEN_LISTEN", "[::1]:1"),
                ("PLATEN_LOG", ""),
            ]),
            "[server]\nlisten = '127.0.0.1:2'\nops_listen = '127.0.0.1:3'\n\
             trusted_proxies = ['10.0.0.0/8', '::1']\n[log]\nfilter = 'debug'\n\
             [accounts]\nfiles_per_user = 7\n",
        );
        let (config, _) = Config::load(&sources).unwrap();
        assert_eq!(config.server.listen.to_string(), "[::1]:1");
        assert_eq!(config.server.ops_listen.to_string(), "127.0.0.1:3");
        assert_eq!(config.server.trusted_proxies.0.len(), 2);
        assert_eq!(config.log.filter.0, "debug");
        assert_eq!(config.accounts.files_per_user.get(), 7);
    }

    #[test]
    fn every_mistake_is_told_at_once_and_no_secret_is_repeated() {
        let sources = with_file(
            Sources::of_env([
                ("PLATEN_LISTEN", "8080"),
                ("PLATEN_JWT_KEY", "hunter2"),
                ("PLATEN_EGRESS_ALLOW", "no/net"),
                ("DATABASE_URL", "oracle://scott:tiger@db/"),
            ]),
            "[conversion]\nconcurrency = 0\nspeed = 1\n[sever]\nlisten = 'x'\n",
        );
        let errors = Config::load(&sources).unwrap_err();
        let places: Vec<&str> = errors.0.iter().map(|error| error.place.as_str()).collect();
        assert_eq!(
            places,
            [
                "PLATEN_LISTEN",
                "DATABASE_URL",
                "PLATEN_JWT_KEY",
                "conversion.concurrency in platen.toml",
                "PLATEN_EGRESS_ALLOW",
                "PLATEN_DATA_DIR",
                "conversion.speed in platen.toml",
                "sever in platen.toml",
            ]
        );
        let text = errors.to_string();
        assert!(
            !text.contains("hunter2") && !text.contains("tiger"),
            "{text}"
        );
    }

    #[test]
    fn a_misspelt_variable_is_noticed() {
        let sources = Sources::of_env([
            ("PLATEN_SIGN_UP_PER_HOUR", "3"),
            ("PLATEN_LOG", "info"),
            ("PLATEN_CONFIG", ""),
            ("PLATEN_KEY", "x"),
            ("PATH", "/bin"),
        ]);
        let unknown: Vec<&str> = sources.unknown_variables().collect();
        assert_eq!(unknown, ["PLATEN_SIGN_UP_PER_HOUR"]);
    }

    #[test]
    fn a_relative_data_home_does_not_count() {
        let env = Sources::of_env([("HOME", "/h"), ("XDG_DATA_HOME", "data")]);
        assert_eq!(data_dir(&env).unwrap(), "/h/.local/share/platen");
        let env = Sources::of_env([("HOME", "/h"), ("XDG_DATA_HOME", "/data")]);
        assert_eq!(data_dir(&env).unwrap(), "/data/platen");
    }
}
