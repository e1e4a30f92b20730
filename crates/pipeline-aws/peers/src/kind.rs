//! Which peers there are.

use std::{ffi::OsString, path::Path};

use tokio::process::Command;

use crate::peer::{ACCESS_KEY, SECRET_KEY};

/// Whose everything is in [`Kind::Moto`]: that of the examples in `deploy/`.
const ACCOUNT: &str = "111122223333";

/// An emulator of AWS, or a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// DynamoDB, on SQLite.
    Dynoxide,
    /// SQS, Systems Manager, Secrets Manager, and others that are not used here.
    MiniStack,
    /// S3, on files; the one that checks signatures.
    S3sFs,
    /// All of these, in memory.
    Moto,
    PostgreSql,
    MariaDb,
}

impl Kind {
    /// As `scripts/peers` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dynoxide => "dynoxide",
            Self::MiniStack => "ministack",
            Self::S3sFs => "s3s-fs",
            Self::Moto => "moto",
            Self::PostgreSql => "postgresql",
            Self::MariaDb => "mariadb",
        }
    }

    /// How its URL begins, up to the address.
    pub(crate) const fn origin(self) -> &'static str {
        match self {
            Self::Dynoxide | Self::MiniStack | Self::S3sFs | Self::Moto => "http://",
            Self::PostgreSql => "postgres://postgres@",
            Self::MariaDb => "mysql://root@",
        }
    }

    /// Databases refuse to run as root.
    pub(crate) const fn is_database(self) -> bool {
        matches!(self, Self::PostgreSql | Self::MariaDb)
    }

    /// The command that makes what the program expects to find in `data`, where one is needed.
    pub(crate) fn prepare(self, program: &Path, data: &Path) -> Option<Command> {
        let mut command = match self {
            Self::Dynoxide | Self::MiniStack | Self::S3sFs | Self::Moto => return None,
            Self::PostgreSql => {
                let mut command = Command::new(program.with_file_name("initdb"));
                command.arg("-D").arg(data).args(["-U", "postgres"]);
                command.args(["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
                command
            }
            Self::MariaDb => {
                let mut command = Command::new("mariadb-install-db");
                command.arg("--no-defaults").arg(option("--datadir=", data));
                command.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
                command
            }
        };
        command.env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        Some(command)
    }

    /// Completes a command that runs the program, listening on `port` of loopback only.
    pub(crate) fn configure(self, command: &mut Command, port: u16, data: &Path) {
        let port = port.to_string();
        match self {
            Self::Dynoxide => {
                command
                    .args(["serve", "--host", "127.0.0.1", "--port", &port, "--db-path"])
                    .arg(data.join("dynamodb.sqlite"));
            }
            Self::MiniStack => {
                command
                    .env("GATEWAY_PORT", port)
                    .env("BIND_HOST", "127.0.0.1")
                    // It unpacks functions there, and leaves them.
                    .env("TMPDIR", data);
            }
            Self::S3sFs => {
                command
                    .args(["--host", "127.0.0.1", "--port", &port])
                    .args(["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY])
                    .arg(data);
            }
            Self::Moto => {
                command.args(["-H", "127.0.0.1", "-p", &port]);
                command.env("MOTO_ACCOUNT_ID", ACCOUNT);
            }
            // What a killed process wrote, the system still has: nothing has to be synced.
            Self::PostgreSql => {
                command.arg("-D").arg(data).args(["-p", &port]);
                for setting in [
                    "listen_addresses=127.0.0.1",
                    "unix_socket_directories=",
                    "fsync=off",
                ] {
                    command.args(["-c", setting]);
                }
            }
            Self::MariaDb => {
                command
                    .arg("--no-defaults")
                    .arg(option("--datadir=", data))
                    .arg(option("--socket=", &data.join("socket")))
                    .arg(option("--pid-file=", &data.join("pid")))
                    .args(["--bind-address=127.0.0.1", "--port", &port])
                    .arg("--innodb-flush-log-at-trx-commit=2");
            }
        }
    }
}

/// An option that has to be one argument with its value.
fn option(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(name);
    argument.push(path);
    argument
}
