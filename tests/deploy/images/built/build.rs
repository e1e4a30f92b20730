//! What comes of the Dockerfiles: built once for all tests, by the script that every pipeline builds with.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use platen_peers::guarded;
use platen_tests::eventually;
use tempfile::TempDir;
use tokio::{net::TcpStream, process::Child, sync::OnceCell};

use crate::{
    tools::{copy_of_the_tree, root},
    web::free,
};

/// The images of this tree, by digest, in a registry.
pub(super) struct Images {
    pub(super) backend: String,
    pub(super) frontend: String,
    pub(super) converter: String,
    /// What they are made of, as a commit of a repository of its own.
    pub(super) commit: String,
    _registry: Child,
}

static IMAGES: OnceCell<Images> = OnceCell::const_new();

/// The images; the first who asks has them built.
pub(super) async fn images() -> Result<&'static Images> {
    IMAGES.get_or_try_init(build).await
}

/// A program on the images and bases that `scripts/images` keeps apart from others of this machine.
pub(super) fn with_images(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(root().join("scripts/images/with"));
    command.arg(program.as_ref());
    command
}

/// All that images are made of, as a commit.
pub(super) fn sources(folder: &TempDir) -> Result<PathBuf> {
    let sources = folder.path().join("sources");
    copy_of_the_tree(&sources, &["."])?;
    Ok(sources)
}

async fn build() -> Result<Images> {
    let (registry, address) = registry().await?;
    let build = move || {
        let folder = TempDir::new()?;
        let output = folder.path().join("images.env");
        // Its output is a person's to read at once: for minutes, it says what it does.
        let status = with_images(sources(&folder)?.join("deploy/pipelines/bin/build"))
            .args(["--registry", &address, "--output"])
            .arg(&output)
            .stdin(Stdio::null())
            .status()?;
        ensure!(status.success(), "the images do not build");
        let told = fs::read_to_string(output)?;
        let value = |name: &str| {
            told.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .map(ToOwned::to_owned)
                .with_context(|| format!("`build` tells no {name}"))
        };
        Ok(Images {
            backend: value("BACKEND_IMAGE")?,
            frontend: value("FRONTEND_IMAGE")?,
            converter: value("CONVERTER_IMAGE")?,
            commit: value("COMMIT")?,
            _registry: registry,
        })
    };
    tokio::task::spawn_blocking(build).await?
}

/// Debian's registry, which ends with this process, and where it listens.
async fn registry() -> Result<(Child, String)> {
    let address = free()?;
    // The guard removes it.
    let data = TempDir::new()?.keep();
    let settings = data.join("registry.yml");
    fs::write(
        &settings,
        format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: {address}}}\n",
            data.display()
        ),
    )?;
    let mut command = guarded(Path::new("/usr/bin/docker-registry"), &data);
    // It complains of every blob that it is asked for before it gets it.
    let log = data.join("log");
    command.stderr(fs::File::create(&log)?);
    let registry = command.arg("serve").arg(&settings).spawn()?;
    eventually("a registry listens", Duration::from_secs(20), async || {
        Ok(TcpStream::connect(address).await.ok().map(drop))
    })
    .await
    .with_context(|| {
        let said = fs::read_to_string(&log).unwrap_or_default();
        format!("is it installed? scripts/setup.sh images\n{said}")
    })?;
    Ok((registry, address.to_string()))
}
