//! What is in the images, and what they say of themselves.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::build::{Images, images, sources, with_images};
use crate::{
    object::list,
    tools::{attempt, run},
};

/// What an image promises.
struct Promise {
    name: &'static str,
    image: fn(&Images) -> &str,
    entrypoint: &'static str,
    /// Beside `PATH`.
    environment: &'static [&'static str],
    healthcheck: bool,
    /// A crate that the program is made of, and one that is not its business.
    made_of: (&'static str, &'static str),
    /// Besides the program, of which there is one.
    files: &'static [&'static str],
}

const PROMISES: [Promise; 3] = [
    Promise {
        name: "backend",
        image: |images| &images.backend,
        entrypoint: "/usr/local/bin/platen",
        environment: &[
            "PLATEN_LISTEN=0.0.0.0:8080",
            "PLATEN_OPS_LISTEN=0.0.0.0:9090",
            "PLATEN_LOG_FORMAT=json",
        ],
        healthcheck: true,
        made_of: ("sqlx", "leptos"),
        files: &["etc/ssl/certs/ca-certificates.crt"],
    },
    Promise {
        name: "frontend",
        image: |images| &images.frontend,
        entrypoint: "/etc/platen/start",
        environment: &["PLATEN_BACKEND=backend:8080", "PLATEN_LISTEN=8080"],
        healthcheck: true,
        made_of: ("leptos", "axum"),
        files: &["srv/platen/index.html", "srv/platen/index.html.br"],
    },
    Promise {
        name: "converter",
        image: |images| &images.converter,
        entrypoint: "/usr/local/bin/bootstrap",
        environment: &["PLATEN_WORK_DIR=/tmp/platen", "PLATEN_LOG_FORMAT=json"],
        healthcheck: false,
        made_of: ("lambda_runtime", "sqlx"),
        files: &[
            "etc/ssl/certs/ca-certificates.crt",
            "usr/bin/chromium-headless-shell",
            "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
            "usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
        ],
    },
];

/// What builds, and where it does.
const OF_THE_BUILD: [&str; 8] = [
    "usr/bin/cc",
    "usr/bin/git",
    "usr/bin/cargo",
    "root/.cargo",
    "root/.rustup",
    "src",
    "target",
    "cargo",
];

/// The files of an image, while it is held.
struct Files(String, PathBuf);

impl Files {
    fn of(image: &str) -> Result<Self> {
        let mounted = run(with_images("podman").args(["image", "mount", image]), "")?;
        Ok(Self(image.to_owned(), mounted.trim_end().into()))
    }

    /// Whether there is anything, links included, which may lead somewhere in the image.
    fn has(&self, path: &str) -> bool {
        self.1.join(path).symlink_metadata().is_ok()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // Then it stays mounted until the machine is started anew, and harms nobody.
        let _ = attempt(
            with_images("podman").args(["image", "unmount", &self.0]),
            "",
        );
    }
}

fn check_settings(promise: &Promise, images: &Images) -> Result<()> {
    let image = (promise.image)(images);
    // As the registry gives it to whoever pulls it.
    run(with_images("podman").args(["pull", "--quiet", image]), "")?;
    let inspected = run(with_images("podman").args(["image", "inspect", image]), "")?;
    let inspected: Value = serde_json::from_str(&inspected)?;
    let settings = &inspected[0]["Config"];
    assert_eq!(settings["User"], "10001:10001");
    assert_eq!(settings["Entrypoint"], json!([promise.entrypoint]));
    assert!(settings["Cmd"].is_null(), "{settings}");
    // Anything else would have come from the machine that built it.
    let environment: BTreeSet<_> = list(&settings["Env"])
        .iter()
        .filter_map(Value::as_str)
        .filter(|variable| !variable.starts_with("PATH="))
        .collect();
    assert_eq!(environment, promise.environment.iter().copied().collect());
    let labels = &settings["Labels"];
    for (name, value) in [
        ("title", format!("platen-{}", promise.name)),
        ("licenses", "Apache-2.0 OR MIT".to_owned()),
        ("revision", images.commit.clone()),
        ("version", images.commit[..12].to_owned()),
    ] {
        assert_eq!(labels[format!("org.opencontainers.image.{name}")], value);
    }
    for name in ["description", "created"] {
        assert!(labels[format!("org.opencontainers.image.{name}")].is_string());
    }
    let test = list(&inspected[0]["Healthcheck"]["Test"]);
    let checked = test.first().is_some_and(|word| word != "NONE");
    assert_eq!(checked, promise.healthcheck, "{test:?}");
    Ok(())
}

fn check_files(promise: &Promise, images: &Images) -> Result<()> {
    let files = Files::of((promise.image)(images))?;
    for path in promise.files.iter().chain([&&promise.entrypoint[1..]]) {
        ensure!(files.has(path), "there is no {path}");
    }
    for path in OF_THE_BUILD {
        ensure!(!files.has(path), "it still has {path}");
    }
    let told = format!("usr/share/sbom/platen-{}.cdx.json", promise.name);
    let told: Value = serde_json::from_str(&fs::read_to_string(files.1.join(told))?)?;
    assert_eq!(told["bomFormat"], "CycloneDX");
    let has = |name: &str| {
        list(&told["components"])
            .iter()
            .any(|one| one["name"] == name)
    };
    let (inside, outside) = promise.made_of;
    ensure!(has(inside), "it is not told to be made of {inside}");
    ensure!(!has(outside), "it is told to be made of {outside}");
    Ok(())
}

#[tokio::test]
#[ignore = "builds the images, minutes, as root: make test-images"]
async fn images_are_what_they_promise_to_be() -> Result<()> {
    let images = images().await?;
    for promise in &PROMISES {
        let name = promise.name;
        check_settings(promise, images).with_context(|| format!("settings of {name}"))?;
        check_files(promise, images).with_context(|| format!("files of {name}"))?;
    }
    Ok(())
}

/// The first stage of the converter's image, made again: what it told, and the image.
fn build_again(sources: &Path, id: &Path) -> Result<String> {
    const BUILD: &str = r#"exec buildah build --layers --target build --file "$1/converter-lambda/Dockerfile" \
  --build-arg BUILD_IMAGE="$DELIVERY_BUILD_IMAGE" --iidfile "$2" "$1" 2>&1"#;
    let mut build = with_images("bash");
    build.args(["-c", BUILD, "build"]).args([sources, id]);
    run(build.stdin(Stdio::null()), "")
}

/// A file may be older than what the cache has of it: of another checkout, it is.
#[tokio::test]
#[ignore = "builds the images, minutes, as root: make test-images"]
async fn a_change_is_built_and_what_it_depends_on_is_not() -> Result<()> {
    // So that everything is in the cache.
    images().await?;
    let folder = TempDir::new()?;
    let sources = sources(&folder)?;
    let changed = sources.join("converter-lambda/src/mode.rs");
    let text = fs::read_to_string(&changed)?;
    let (before, after) = (
        "Turns queued requests into PDFs.",
        "Has been changed by a test.",
    );
    assert!(text.contains(before), "there is nothing to change");
    fs::write(&changed, text.replace(before, after))?;
    let old = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 30);
    fs::File::options()
        .write(true)
        .open(&changed)?
        .set_modified(old)?;

    let id = folder.path().join("id");
    let told = build_again(&sources, &id)?;
    let compiled: Vec<_> = told
        .lines()
        .filter(|line| line.trim_start().starts_with("Compiling "))
        .collect();
    assert!(!compiled.is_empty(), "nothing was compiled:\n{told}");
    for line in compiled {
        // Of ours, cargo tells the folder.
        assert!(line.contains("(/src/"), "a dependency: {line}");
    }
    let image = fs::read_to_string(&id)?;
    let usage = run(
        with_images("podman").args([
            "run",
            "--rm",
            "--network=none",
            image.trim(),
            "/out/bootstrap",
            "--help",
        ]),
        "",
    )?;
    assert!(usage.starts_with(after), "{usage}");
    run(
        with_images("podman").args(["image", "rm", "--force", image.trim()]),
        "",
    )
    .map(drop)
}
