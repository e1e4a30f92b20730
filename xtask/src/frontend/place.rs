use std::{
    env,
    path::{Path, PathBuf},
};

/// For whom the bundle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// For people: small and precompressed.
    Release,
    /// For the one who works on it: quick to build.
    Dev,
}

impl Mode {
    pub(super) const fn profile(self) -> &'static str {
        match self {
            Self::Release => "wasm-release",
            Self::Dev => "dev",
        }
    }

    /// The folder that cargo names after the profile.
    const fn folder(self) -> &'static str {
        match self {
            Self::Release => "wasm-release",
            Self::Dev => "debug",
        }
    }
}

/// Where things are.
pub(super) struct Places {
    pub(super) root: PathBuf,
    pub(super) frontend: PathBuf,
    pub(super) dist: PathBuf,
    /// Its own, so that this build and the cargo that started it never wait for each other's lock.
    pub(super) target: PathBuf,
}

impl Places {
    pub(super) fn find() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |dir| root.join(dir))
            .join("frontend");
        let frontend = root.join("frontend");
        Self {
            dist: frontend.join("dist"),
            root,
            frontend,
            target,
        }
    }

    pub(super) fn module(&self, mode: Mode) -> PathBuf {
        self.target
            .join("wasm32-unknown-unknown")
            .join(mode.folder())
            .join("platen-frontend.wasm")
    }

    /// Where cargo unpacks what it downloads.
    pub(super) fn crates(&self) -> PathBuf {
        env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(env::home_dir()?.join(".cargo")))
            .unwrap_or_else(|| self.root.clone())
            .join("registry/src")
    }

    pub(super) fn stamp(&self) -> PathBuf {
        self.target.join("bundle.stamp")
    }
}
