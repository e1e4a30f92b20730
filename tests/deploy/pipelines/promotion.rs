//! From dev to prod: what was tried there is what comes here.

use anyhow::Result;

use super::{
    Delivery,
    delivery::{lines_with, says},
};

#[test]
fn the_digests_that_serve_in_dev_are_those_that_come_to_prod() -> Result<()> {
    let delivery = Delivery::new()?;
    delivery.deploy("dev", "one")?;
    // It moves by itself to dev, and not a step further.
    assert_eq!(delivery.commits("prod")?, 0);

    delivery.run("promote", &["--version", "one"])?;

    assert_eq!(delivery.active("prod")?, "one");
    let (dev, prod) = (
        delivery.show("dev", "releases/one/manifests.yaml")?,
        delivery.show("prod", "releases/one/manifests.yaml")?,
    );
    let digests = lines_with(&prod, "@sha256:");
    assert_eq!(digests, lines_with(&dev, "@sha256:"));
    assert_eq!(digests.len(), 3, "{digests:?}");
    assert_eq!(
        delivery.show("dev", "releases/one/release.env")?,
        delivery.show("prod", "releases/one/release.env")?
    );
    // The rest is the environment's own.
    says(&dev, &["namespace: platen-dev", "platen-dev-converter-one"])?;
    says(
        &prod,
        &["namespace: platen-prod", "platen-prod-converter-one"],
    )?;
    assert!(!prod.contains("platen-dev"), "{prod}");
    Ok(())
}

#[test]
fn what_does_not_serve_in_dev_is_not_promoted() -> Result<()> {
    let delivery = Delivery::new()?;
    delivery.deploy("dev", "one")?;
    let folder = delivery.rendering("dev", "two")?;
    delivery.run("publish", &["--environment", "dev", "--from", &folder])?;

    let why = delivery.refusal("promote", &["--version", "two"])?;
    says(&why, &["release two does not serve in dev", "one does"])?;
    let why = delivery.refusal("promote", &["--version", "three"])?;
    says(&why, &["has no release 'three'"])?;
    assert_eq!(delivery.commits("prod")?, 0);
    Ok(())
}

#[test]
fn manifests_of_another_commit_are_not_promoted() -> Result<()> {
    let delivery = Delivery::new()?;
    let images = delivery.images_of("one", &"0".repeat(40), "one")?;
    let folder = delivery.rendering_of("dev", "one", &images)?;
    delivery.run("deploy", &["--environment", "dev", "--from", &folder])?;

    let why = delivery.refusal("promote", &["--version", "one"])?;
    says(
        &why,
        &["not the commit that one was made of", "git checkout 0000"],
    )?;
    assert_eq!(delivery.commits("prod")?, 0);
    Ok(())
}
