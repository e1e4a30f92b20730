//! What a browser learns of a server while it connects stays with the job: HSTS and open
//! connections.

use std::collections::HashSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use platen_api_types::PdfOptions;
use platen_egress::TargetUrl;
use platen_renderer::{RenderJob, Renderer, RendererConfig};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use crate::{
    doors::{Doors, HOST, Visit},
    programs::instead_of_the_browser,
    stage::{config, read, run},
};

static SCENE: OnceCell<Scene> = OnceCell::const_new();

/// A server whose certificate the browser trusts, and a renderer that reaches it by name.
struct Scene {
    doors: Doors,
    renderer: Renderer,
}

impl Scene {
    async fn shared() -> &'static Self {
        SCENE.get_or_init(Self::new).await
    }

    async fn new() -> Self {
        let doors = Doors::open().await;
        let pin = BASE64_STANDARD.encode(Sha256::digest(&doors.public_key));
        let flag = format!("--ignore-certificate-errors-spki-list={pin}");
        let (program, _) =
            instead_of_the_browser("trusting", &format!(r#"exec chromium {flag} "$@""#));
        let settings = RendererConfig {
            browser: Some(program),
            ..config("trusting")
        };
        let renderer = Renderer::start(settings, doors.egress()).await.unwrap();
        Self { doors, renderer }
    }

    /// What a job saw of the server, and the server of it.
    async fn visit(&self, scheme: &str, path: &str) -> (String, Vec<Visit>) {
        let port = self.doors.port;
        let url = format!("{scheme}://{HOST}:{port}{path}");
        let url = TargetUrl::parse(&url, self.doors.egress().policy()).unwrap();
        let options = PdfOptions::default();
        let pdf = read(&self.renderer, RenderJob::new(url, options)).await;
        let text = pdf.unwrap().text().trim().to_owned();
        (text, self.doors.visits(path))
    }
}

#[test]
fn a_site_that_insists_on_tls_in_one_job_is_asked_without_in_the_next() {
    run(async {
        let scene = Scene::shared().await;
        // Within a job the browser obeys.
        let (there, visits) = scene.visit("https", "/strict/and-back").await;
        assert_eq!(there, "over https");
        assert_eq!(visits.len(), 1);
        assert!(scene.doors.visits("/back")[0].is_over_tls);

        let (later, visits) = scene.visit("http", "/strict/later").await;
        assert_eq!(later, "over http");
        assert!(!visits[0].is_over_tls);
        // Nor at the same moment.
        let ((strict, _), (plain, _)) = tokio::join!(
            scene.visit("https", "/strict/one"),
            scene.visit("http", "/strict/two")
        );
        assert_eq!((&*strict, &*plain), ("over https", "over http"));
    });
}

#[test]
fn no_job_uses_the_connection_of_another() {
    run(async {
        let scene = Scene::shared().await;
        for scheme in ["http", "https"] {
            let mut used = HashSet::new();
            for job in ["one", "two", "three"] {
                let path = format!("/kept/{scheme}/{job}");
                let (_, visits) = scene.visit(scheme, &path).await;
                let parts = scene.doors.visits(&format!("/kept/part-of-{job}/{scheme}"));
                // Within a job they are used again.
                assert_eq!(parts[0].connection, visits[0].connection);
                assert!(used.insert(visits[0].connection), "{path}");
            }
        }
    });
}
