//! The main job, done by the three images together: somebody signs up, asks for a page, and reads it as a PDF.

use std::{env, time::Duration};

use anyhow::{Context, Result};
use platen_peers::{ACCESS_KEY, Kind, Peer, SECRET_KEY};
use platen_tests::{Client, Cloud, Code, Site};

use super::{
    build::{Images, images},
    container::{Container, RESTRICTED},
};
use crate::{tools::root, web::free};

/// 32 bytes.
const JWT_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Of an invocation: the first one has a container to wait for, too.
const INVOCATION: Duration = Duration::from_mins(1);

/// All that a container may write, where it may write anything.
const TEMPORARY: &str = "--tmpfs=/tmp:rw,nosuid,nodev,noexec,mode=1777";

/// Backend and frontend, and what they need; nobody who converts.
struct Installation {
    images: &'static Images,
    cloud: Cloud,
    site: Site,
    _accounts: Peer,
    backend: Container,
    frontend: Container,
    origin: String,
}

impl Installation {
    async fn start() -> Result<Self> {
        let images = images().await?;
        let (cloud, site) = (Cloud::start().await?, Site::start().await?);
        let accounts = Peer::start(Kind::PostgreSql).await?;
        let [api, ops, public] = [free()?, free()?, free()?].map(|address| address.to_string());
        let settings = [
            ("DATABASE_URL", format!("{}/postgres", accounts.url())),
            ("PLATEN_JWT_KEY", JWT_KEY.to_owned()),
            ("PLATEN_EGRESS_ALLOW", site.authority()),
            ("PLATEN_LISTEN", api.clone()),
            ("PLATEN_OPS_LISTEN", ops),
        ];
        let settings: Vec<_> = cloud.env().into_iter().chain(settings).collect();
        // It writes nothing, and has not even a `/tmp`.
        let backend = Container::start("backend", &[&images.backend], &[], &settings)?;
        let settings = [("PLATEN_BACKEND", api), ("PLATEN_LISTEN", public.clone())];
        let frontend = Container::start("frontend", &[&images.frontend], &[TEMPORARY], &settings)?;
        for container in [&backend, &frontend] {
            container.healthy().await?;
            container.check_restricted()?;
        }
        Ok(Self {
            images,
            cloud,
            site,
            _accounts: accounts,
            backend,
            frontend,
            origin: format!("http://{public}"),
        })
    }

    /// Somebody uses it.
    async fn does_the_main_job(&self) -> Result<()> {
        let work = async {
            let person = Client::new(&self.origin)?.sign_up("ada").await?;
            let file = person.request(&self.site.url("/simple")).await?;
            let file = person.ready(&file).await?;
            let pdf = person.download(&file).await?;
            pdf.check().await?;
            pdf.text().await
        };
        let logs = || format!("{}\n{}", self.backend.log(), self.frontend.log());
        let text = work.await.with_context(logs)?;
        for words in ["quick brown fox", "русский", "日本語"] {
            assert!(text.contains(words), "{text}");
        }
        assert_eq!(self.cloud.objects().await?.len(), 1);
        Ok(())
    }

    /// The page with its policy, and the program that it loads.
    async fn shows_the_app(&self) -> Result<()> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let get = |path: &str| client.get(format!("{}{path}", self.origin));
        let page = get("/").send().await?.error_for_status()?;
        let policy = page.headers()["content-security-policy"].to_str()?;
        assert!(policy.contains("script-src 'self'"), "{policy}");
        let page = page.text().await?;
        let program = page
            .split('"')
            .find(|text| text.starts_with("/assets/") && text.contains(".wasm"))
            .context("the page loads no program")?;
        let program = get(program).header("accept-encoding", "br").send().await?;
        let program = program.error_for_status()?;
        assert_eq!(program.headers()["content-type"], "application/wasm");
        assert_eq!(program.headers()["content-encoding"], "br");
        Ok(())
    }

    fn stop(self) -> Result<()> {
        self.frontend.stop()?;
        self.backend.stop()
    }
}

/// Starts the converter's image as Lambda does: with Lambda's variables and the function's, and nothing to
/// write on but `/tmp`.
fn bootstrap(image: &str, settings: &[&str]) -> Result<String> {
    let variable = |name: &str| env::var(name).with_context(|| format!("{name} is not set"));
    // What `scripts/images` goes by; an emulator passes on less of it.
    let mut words = vec![
        format!("HOME='{}'", variable("HOME")?),
        format!("PATH='{}'", variable("PATH")?),
    ];
    if let Ok(folder) = variable("PLATEN_IMAGES") {
        words.push(format!("PLATEN_IMAGES='{folder}'"));
    }
    let with = root().join("scripts/images/with");
    words.push(format!("'{}' podman run --rm {TEMPORARY}", with.display()));
    words.extend(RESTRICTED.map(ToOwned::to_owned));
    words.extend(settings.iter().map(|name| format!("--env={name}")));
    // The emulator hands out keys of a role, and that of S3 knows one user only.
    Ok(format!(
        "#!/bin/sh\nexec env {} --env='AWS_LAMBDA_*' --env=AWS_ACCESS_KEY_ID={ACCESS_KEY} \
         --env=AWS_SECRET_ACCESS_KEY={SECRET_KEY} {image}\n",
        words.join(" ")
    ))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "builds the images, minutes, as root: make test-images"]
async fn somebody_gets_a_pdf_from_the_function() -> Result<()> {
    let installation = Installation::start().await?;
    let (cloud, allowed) = (&installation.cloud, installation.site.authority());
    let more = [
        ("PLATEN_EGRESS_ALLOW", &*allowed),
        // Lambda gives Chromium no name spaces, and contains it otherwise.
        ("PLATEN_ALLOW_NO_SANDBOX", "true"),
    ];
    let settings = cloud.env().into_iter().map(|(name, _)| name);
    let settings: Vec<_> = settings
        .filter(|name| !name.contains("_KEY"))
        .chain(more.map(|(name, _)| name))
        .chain(["PLATEN_WORK_DIR"])
        .collect();
    let script = bootstrap(&installation.images.converter, &settings)?;
    let code = Code::Script(&script);
    let _function = cloud.deploy_code(code, INVOCATION, &more).await?;
    installation.does_the_main_job().await?;
    installation.shows_the_app().await?;
    installation.stop()
}

/// In a pod, the browser has its sandbox, for which the component brings a profile of system calls.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "builds the images, minutes, as root: make test-images"]
async fn somebody_gets_a_pdf_from_a_worker() -> Result<()> {
    let installation = Installation::start().await?;
    let profile = root().join("deploy/components/worker-keda/release/seccomp.json");
    let profile = format!("--security-opt=seccomp={}", profile.display());
    let mut settings = installation.cloud.env();
    settings.push(("PLATEN_EGRESS_ALLOW", installation.site.authority()));
    let worker = Container::start(
        "worker",
        &[&installation.images.converter, "--poll"],
        &[TEMPORARY, "--shm-size=512m", &profile],
        &settings,
    )?;
    let done = installation.does_the_main_job().await;
    done.with_context(|| worker.log())?;
    worker.check_restricted()?;
    worker.stop()?;
    installation.stop()
}
