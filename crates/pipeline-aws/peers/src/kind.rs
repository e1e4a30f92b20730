//! Which emulators there are.

use std::path::Path;

use tokio::process::Command;

use crate::peer::{ACCESS_KEY, SECRET_KEY};

/// An emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// DynamoDB, on SQLite.
    Dynoxide,
    /// SQS, and others that are not used here.
    MiniStack,
    /// S3, on files; the one that checks signatures.
    S3sFs,
    /// DynamoDB, SQS and S3, in memory.
    Moto,
}

impl Kind {
    /// As `scripts/peers` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dynoxide => "dynoxide",
            Self::MiniStack => "ministack",
            Self::S3sFs => "s3s-fs",
            Self::Moto => "moto",
        }
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
                    .env("BIND_HOST", "127.0.0.1");
            }
            Self::S3sFs => {
                command
                    .args(["--host", "127.0.0.1", "--port", &port])
                    .args(["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY])
                    .arg(data);
            }
            Self::Moto => {
                command.args(["-H", "127.0.0.1", "-p", &port]);
            }
        }
    }
}
