//! Images that no release needs any more, in the registry of an emulator of AWS.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use platen_peers::{ACCESS_KEY, Kind, Peer, REGION, SECRET_KEY};
use serde_json::Value;

use super::{
    Delivery,
    delivery::{digest, lines_with, says},
};
use crate::tools::{run, tool};

const REPOSITORIES: [&str; 3] = ["platen-backend", "platen-frontend", "platen-converter"];

fn aws(delivery: &Delivery, arguments: &[&str]) -> Result<Value> {
    let mut command = delivery.prepare(tool("aws")?, arguments)?;
    let output = run(command.args(["--region", REGION, "--output", "json"]), "")?;
    if output.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&output).context("the answer is no JSON")
}

/// The digests of all images that the registry has.
fn images(delivery: &Delivery) -> Result<BTreeSet<String>> {
    let mut digests = BTreeSet::new();
    for repository in REPOSITORIES {
        let listed = aws(
            delivery,
            &["ecr", "list-images", "--repository-name", repository],
        )?;
        let ids = listed["imageIds"].as_array().context("there is no list")?;
        digests.extend(
            ids.iter()
                .filter_map(|id| Some(id["imageDigest"].as_str()?.to_owned())),
        );
    }
    Ok(digests)
}

/// Puts an image into each repository, and has a release name them.
fn release(
    delivery: &Delivery,
    version: &str,
    environment: Option<&str>,
) -> Result<BTreeSet<String>> {
    let before = images(delivery)?;
    for repository in REPOSITORIES {
        let manifest = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"digest": format!("sha256:{}", "0".repeat(64)), "size": 2},
            "layers": [{"digest": digest(repository, version), "size": 2}],
        });
        let arguments = [
            "ecr",
            "put-image",
            "--repository-name",
            repository,
            "--image-tag",
            version,
        ];
        aws(
            delivery,
            &[&arguments[..], &["--image-manifest", &manifest.to_string()]].concat(),
        )?;
    }
    let made: BTreeSet<_> = images(delivery)?.difference(&before).cloned().collect();
    assert_eq!(made.len(), 3, "{made:?}");
    if let Some(environment) = environment {
        let file = delivery.images(version)?;
        let mut text = std::fs::read_to_string(&file)?;
        for (line, digest) in lines_with(&text.clone(), "@sha256:").into_iter().zip(&made) {
            let (name, _) = line.split_once('@').context("no digest")?;
            text = text.replace(line, &format!("{name}@{digest}"));
        }
        std::fs::write(&file, text)?;
        let folder = delivery.rendering_of(environment, version, &file)?;
        delivery.run("deploy", &["--environment", environment, "--from", &folder])?;
    }
    Ok(made)
}

fn clean_up(delivery: &Delivery) -> Result<()> {
    for repository in REPOSITORIES {
        aws(
            delivery,
            &["ecr", "create-repository", "--repository-name", repository],
        )?;
    }
    let dev = release(delivery, "one", Some("dev"))?;
    // Before the first release to prod there is no such branch, and none that it could need.
    let early = release(delivery, "zero", None)?;
    delivery.run(
        "clean",
        &["--environments", "dev prod", "--older-than", "0"],
    )?;
    assert_eq!(images(delivery)?, dev);
    assert!(early.is_disjoint(&dev));

    let prod = release(delivery, "two", Some("prod"))?;
    let idle = release(delivery, "three", None)?;
    let all = images(delivery)?;

    let clean = |arguments: &[&str]| {
        delivery.run(
            "clean",
            &[&["--environments", "dev prod"], arguments].concat(),
        )
    };
    // What was pushed just now may be on its way.
    clean(&[])?;
    assert_eq!(images(delivery)?, all);
    says(
        &clean(&["--older-than", "0", "--dry-run"])?,
        &["3 images, 1 of them unneeded"],
    )?;
    assert_eq!(images(delivery)?, all);

    clean(&["--older-than", "0"])?;
    assert_eq!(images(delivery)?, &dev | &prod);
    assert!(idle.is_disjoint(&images(delivery)?));

    // What cannot be read is no environment without releases.
    let why = delivery.refusal(
        "clean",
        &["--environments", "dev test", "--older-than", "0"],
    )?;
    says(&why, &["there is no environment 'test'"])?;
    let elsewhere = delivery.folder().join("nothing").display().to_string();
    let why = delivery.refusal(
        "clean",
        &[
            "--environments",
            "dev prod",
            "--older-than",
            "0",
            "--repository",
            &elsewhere,
        ],
    )?;
    says(&why, &["the GitOps repository cannot be cloned"])?;
    assert_eq!(images(delivery)?, &dev | &prod);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_images_that_no_release_names_are_deleted() -> Result<()> {
    let moto = Peer::start(Kind::Moto).await?;
    let tools = tool("aws")?;
    let path = std::env::join_paths(
        tools
            .parent()
            .map(ToOwned::to_owned)
            .into_iter()
            .chain(std::env::split_paths(&super::delivery::search_path()?)),
    )?;
    let delivery = Delivery::new()?
        .with("PATH", path.to_str().context("a path is no text")?)
        .with("AWS_ENDPOINT_URL", &moto.url())
        .with("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .with("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .with("AWS_REGION", REGION)
        .with("AWS_CONFIG_FILE", "/dev/null")
        .with("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    tokio::task::spawn_blocking(move || clean_up(&delivery)).await?
}
