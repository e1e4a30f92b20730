//! The scripts on a GitOps repository of their own.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::tools::{attempt, copy_of_the_tree, root, run, tool};

/// What the scripts read of the environment, so that none of it leaks into a test from outside.
const READ: [&str; 18] = [
    "ACCOUNT_ID",
    "API_TOKEN_GITHUB",
    "APPLICATION_NAME",
    "APPLICATION_NAMESPACE",
    "AWS_REGION",
    "BASE_DOMAIN",
    "CD_DESTINATION_OWNER",
    "CD_PROJECT",
    "DELIVERY_AUTOSCALED_NODES",
    "DELIVERY_BUILDER",
    "DELIVERY_BUILD_IMAGE",
    "DELIVERY_CHECKS",
    "DELIVERY_CHECK_KEY",
    "DELIVERY_REGISTRY",
    "DELIVERY_REPOSITORY",
    "DELIVERY_RUNTIME_IMAGE",
    "DELIVERY_SYNC",
    "DELIVERY_TIMEOUT",
];

/// A bare repository, and how scripts are run on it.
pub(crate) struct Delivery {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Delivery {
    /// Without a cluster.
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let delivery = Self {
            variables: vec![
                ("KUBECONFIG".into(), "/dev/null".into()),
                ("DELIVERY_SYNC".into(), "none".into()),
                ("DELIVERY_TIMEOUT".into(), "180".into()),
                ("GIT_CONFIG_GLOBAL".into(), "/dev/null".into()),
            ],
            folder,
        };
        let repository = delivery.repository();
        run(
            Command::new("git")
                .args(["init", "--quiet", "--bare"])
                .arg(&repository),
            "",
        )?;
        Ok(delivery.with("DELIVERY_REPOSITORY", &repository.display().to_string()))
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("gitops.git")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One of `deploy/pipelines/bin`, of this tree.
    pub(crate) fn command(&self, script: &str, arguments: &[&str]) -> Result<Command> {
        self.prepare(root().join("deploy/pipelines/bin").join(script), arguments)
    }

    /// Any program, with the environment that the scripts have.
    pub(crate) fn prepare(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(program.as_ref());
        for name in READ {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder())
            .env("PATH", search_path()?)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// What it said; an error when it fails.
    pub(crate) fn run(&self, script: &str, arguments: &[&str]) -> Result<String> {
        let (succeeded, output, errors) = attempt(&mut self.command(script, arguments)?, "")?;
        ensure!(
            succeeded,
            "{script} {arguments:?} failed:\n{output}{errors}"
        );
        Ok(errors)
    }

    /// Why it refuses; an error when it does not.
    pub(crate) fn refusal(&self, script: &str, arguments: &[&str]) -> Result<String> {
        let (succeeded, output, errors) = attempt(&mut self.command(script, arguments)?, "")?;
        ensure!(
            !succeeded,
            "{script} {arguments:?} succeeded:\n{output}{errors}"
        );
        ensure!(
            errors.contains("error: "),
            "{script} {arguments:?} does not say why it fails:\n{output}{errors}"
        );
        Ok(errors)
    }

    /// What a build of this commit would write, with digests that the version decides.
    pub(crate) fn images(&self, version: &str) -> Result<String> {
        let commit = run(
            Command::new("git")
                .args(["rev-parse", "HEAD"])
                .current_dir(root()),
            "",
        )?;
        self.images_of(version, commit.trim(), version)
    }

    /// The same for images that differ by `seed`.
    pub(crate) fn images_of(&self, version: &str, commit: &str, seed: &str) -> Result<String> {
        let file = self.folder().join(format!("images-{version}-{seed}.env"));
        let image = |name: &str| format!("127.0.0.1:5000/platen-{name}@{}", digest(name, seed));
        let text = format!(
            "COMMIT={commit}\nVERSION={version}\nBACKEND_IMAGE={}\nFRONTEND_IMAGE={}\nCONVERTER_IMAGE={}\n",
            image("backend"),
            image("frontend"),
            image("converter"),
        );
        fs::write(&file, text)?;
        Ok(file.display().to_string())
    }

    /// A rendering of a version for an environment.
    pub(crate) fn rendering(&self, environment: &str, version: &str) -> Result<String> {
        let images = self.images(version)?;
        self.rendering_of(environment, version, &images)
    }

    pub(crate) fn rendering_of(
        &self,
        environment: &str,
        version: &str,
        images: &str,
    ) -> Result<String> {
        let folder = self
            .folder()
            .join(format!("rendered-{environment}-{version}"));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let folder = folder.display().to_string();
        self.run(
            "render",
            &[
                "--environment",
                environment,
                "--images",
                images,
                "--output",
                &folder,
            ],
        )?;
        Ok(folder)
    }

    /// Renders a version and deploys it.
    pub(crate) fn deploy(&self, environment: &str, version: &str) -> Result<String> {
        let folder = self.rendering(environment, version)?;
        self.run("deploy", &["--environment", environment, "--from", &folder])
    }

    /// The scripts of this tree, and what they read, as a commit of a repository of its own.
    pub(crate) fn copy_of_the_tree(&self) -> Result<String> {
        let tree = self.folder().join("tree");
        copy_of_the_tree(&tree, &["deploy", "scripts"])?;
        Ok(tree.display().to_string())
    }

    /// A file of a branch.
    pub(crate) fn show(&self, branch: &str, path: &str) -> Result<String> {
        self.git(&["show", &format!("{branch}:{path}")])
    }

    /// The version that a branch routes to.
    pub(crate) fn active(&self, branch: &str) -> Result<String> {
        let route = self.show(branch, "route.yaml")?;
        let version = route
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# active: "));
        Ok(version.context("the route names no version")?.to_owned())
    }

    pub(crate) fn releases(&self, branch: &str) -> Result<Vec<String>> {
        let listed = self.git(&["ls-tree", "--name-only", branch, "releases/"])?;
        Ok(listed
            .lines()
            .filter_map(|path| path.strip_prefix("releases/"))
            .map(ToOwned::to_owned)
            .collect())
    }

    /// How many commits a branch has; none where there is no branch.
    pub(crate) fn commits(&self, branch: &str) -> Result<usize> {
        let listed = self.git(&["for-each-ref", &format!("refs/heads/{branch}")])?;
        if listed.is_empty() {
            return Ok(0);
        }
        Ok(self.git(&["rev-list", "--count", branch])?.trim().parse()?)
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("git");
        command
            .arg("--git-dir")
            .arg(self.repository())
            .args(arguments);
        run(&mut command, "")
    }
}

/// Of an image that nobody pulls.
pub(crate) fn digest(name: &str, seed: &str) -> String {
    format!(
        "sha256:{}",
        hex::encode(Sha256::digest(format!("{name} {seed}")))
    )
}

/// The lines of a text that hold something.
pub(crate) fn lines_with<'a>(text: &'a str, what: &str) -> Vec<&'a str> {
    text.lines()
        .filter(|line| line.contains(what))
        .map(str::trim)
        .collect()
}

/// An error unless what was said holds all of this.
pub(crate) fn says(text: &str, parts: &[&str]) -> Result<()> {
    for part in parts {
        if !text.contains(part) {
            bail!("this does not say {part:?}:\n{text}");
        }
    }
    Ok(())
}

/// Where the scripts find their programs: the kubectl that the project installs comes first.
pub(crate) fn search_path() -> Result<OsString> {
    let kubectl = tool("kubectl")?;
    let kubectl = kubectl.parent().context("kubectl is in no folder")?;
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [kubectl.to_owned()]
        .into_iter()
        .chain(env::split_paths(&path));
    Ok(env::join_paths(folders)?)
}
