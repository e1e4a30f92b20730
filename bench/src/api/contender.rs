//! Who answers: the product, and those that it is compared with, each a program of its own.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::Context as _;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::{MissedTickBehavior, interval},
};

use super::{
    nginx::Nginx,
    product::Product,
    route::{Paths, Route, SIGN_IN},
};
use crate::processes::program_kib;

/// Between two looks at the memory of one that answers.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Platen,
    /// The product's server with constants behind it.
    Constants,
    /// The same answers as files.
    Nginx,
}

impl Name {
    pub(super) const ALL: [Self; 3] = [Self::Platen, Self::Constants, Self::Nginx];

    /// Those that can be posted to.
    pub(super) const SIGN_INS: [Self; 2] = [Self::Platen, Self::Constants];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Platen => "Platen",
            Self::Constants => "constants",
            Self::Nginx => "nginx",
        }
    }
}

/// All of them, running.
pub(super) struct Contenders {
    product: Product,
    constants: Constants,
    nginx: Nginx,
}

impl Contenders {
    pub(super) async fn start(product: Product) -> anyhow::Result<Self> {
        let constants = Constants::start(product.answers(), product.paths()).await?;
        let nginx = Nginx::start(product.answers()).await?;
        Ok(Self {
            product,
            constants,
            nginx,
        })
    }

    pub(super) fn product(&self) -> &Product {
        &self.product
    }

    pub(super) fn origin(&self, name: Name) -> &str {
        match name {
            Name::Platen => self.product.origin(),
            Name::Constants => &self.constants.origin,
            Name::Nginx => self.nginx.origin(),
        }
    }

    fn id(&self, name: Name) -> Option<u32> {
        match name {
            Name::Platen => self.product.id(),
            Name::Constants => self.constants.process.id(),
            Name::Nginx => self.nginx.id(),
        }
    }

    /// What comes of `work`, and the most memory in KiB that the program was seen with meanwhile.
    /// Of the product, that is the server without the browser, which has nothing to do.
    pub(super) async fn watch<T>(
        &self,
        name: Name,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<(T, u64)> {
        let id = self.id(name);
        let id = id.with_context(|| format!("{} has ended", name.as_str()))?;
        let mut work = std::pin::pin!(work);
        let mut looks = interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut most = 0;
        loop {
            tokio::select! {
                done = &mut work => return Ok((done?, most)),
                _ = looks.tick() => most = most.max(program_kib(id)?),
            }
        }
    }
}

/// The program of [`super::constants`]. It ends when this is dropped, because its input does.
struct Constants {
    origin: String,
    process: Child,
}

impl Constants {
    async fn start(root: &Path, paths: &Paths) -> anyhow::Result<Self> {
        let reads = Route::ALL.map(|route| paths.of(route));
        let reads = reads.map(|path| path.split_once('?').map_or(path, |(path, _)| path));
        let mut process = Command::new(std::env::current_exe()?)
            .args(["constants", "--root"])
            .arg(root)
            .args(reads)
            .arg(SIGN_IN)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the constants")?;
        let output = process.stdout.take().context("no output")?;
        let origin = BufReader::new(output).lines().next_line().await?;
        Ok(Self {
            origin: origin.context("the constants have not started; they say why")?,
            process,
        })
    }
}
