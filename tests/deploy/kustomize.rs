//! Rendering, as deploy/README.md says it is done.

use std::{fmt::Write, fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    object::{self, Object},
    tools::{root, run, tool},
};

pub(crate) const ENVIRONMENTS: [&str; 2] = ["dev", "prod"];

/// A digest for images that nobody pulls.
pub(crate) const DIGEST: &str =
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// The kinds of kustomizations in `deploy/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Platform,
    Release,
    Route,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Platform, Self::Release, Self::Route];

    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Release => "release",
            Self::Route => "route",
        }
    }
}

/// One rendering: YAML for other programs, objects for policies.
pub(crate) struct Rendered {
    pub(crate) yaml: String,
    pub(crate) objects: Vec<Object>,
}

/// The overlay of an environment as it stands, with what a rendering adds.
pub(crate) fn overlay(environment: &str, kind: Kind, version: &str) -> Result<Rendered> {
    let resource = format!("overlays/{environment}/{}", kind.folder());
    build(environment, kind, version, &resource, &[])
}

/// The base with other components than the overlay has, named by their folders in `deploy/`.
pub(crate) fn composed(
    environment: &str,
    kind: Kind,
    version: &str,
    components: &[&str],
) -> Result<Rendered> {
    let resource = format!("base/{}", kind.folder());
    let components: Vec<_> = components
        .iter()
        .map(|component| format!("{component}/{}", kind.folder()))
        .filter(|folder| root().join("deploy").join(folder).is_dir())
        .chain([format!("overlays/{environment}/environment")])
        .collect();
    build(environment, kind, version, &resource, &components)
}

/// A folder that kustomize takes as it is.
pub(crate) fn folder(path: &Path) -> Result<Rendered> {
    let yaml = run(Command::new(tool("kustomize")?).arg("build").arg(path), "")
        .with_context(|| format!("{} cannot be rendered", path.display()))?;
    let objects = object::parse(&yaml)?;
    Ok(Rendered { yaml, objects })
}

fn build(
    environment: &str,
    kind: Kind,
    version: &str,
    resource: &str,
    components: &[String],
) -> Result<Rendered> {
    // Beside the tree, because kustomize wants paths that are relative and shows them in errors.
    let work = tempfile::Builder::new()
        .prefix(".render-")
        .tempdir_in(root().join("tests/deploy"))?;
    let kustomization = kustomization(environment, kind, version, resource, components)?;
    fs::write(work.path().join("kustomization.yaml"), kustomization)?;
    folder(work.path())
}

fn kustomization(
    environment: &str,
    kind: Kind,
    version: &str,
    resource: &str,
    components: &[String],
) -> Result<String> {
    let mut text = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\n\
         kind: Kustomization\n\
         namespace: platen-{environment}\n\
         resources: [../../../deploy/{resource}]\n\
         components:\n"
    );
    for component in components {
        writeln!(text, "  - ../../../deploy/{component}")?;
    }
    if components.is_empty() {
        text = text.replace("components:\n", "");
    }
    match kind {
        Kind::Platform => {}
        Kind::Release => {
            let images = ["backend", "frontend", "converter"].map(|name| {
                format!("{{name: platen-{name}, newName: registry.example/platen-{name}, digest: \"{DIGEST}\"}}")
            });
            write!(
                text,
                "nameSuffix: \"-{version}\"\n\
                 labels:\n\
                 \x20 - pairs: {{app.kubernetes.io/version: \"{version}\"}}\n\
                 \x20   includeSelectors: true\n\
                 \x20   includeTemplates: true\n\
                 images:\n  - {}\n\
                 patches:\n\
                 \x20 - target: {{kind: Function}}\n\
                 \x20   patch: |-\n\
                 \x20     - {{op: replace, path: /spec/name, value: \"platen-{environment}-converter-{version}\"}}\n\
                 \x20     - {{op: replace, path: /spec/code/imageURI, value: \"registry.example/platen-converter@{DIGEST}\"}}\n",
                images.join("\n  - ")
            )?;
        }
        Kind::Route => write!(
            text,
            "labels:\n\
             \x20 - pairs: {{app.kubernetes.io/version: \"{version}\"}}\n\
             \x20   includeSelectors: true\n\
             patches:\n\
             \x20 - target: {{kind: EventSourceMapping}}\n\
             \x20   options: {{allowNameChange: true}}\n\
             \x20   patch: |-\n\
             \x20     - {{op: replace, path: /metadata/name, value: \"converter-{version}\"}}\n\
             \x20     - {{op: replace, path: /spec/functionRef/from/name, value: \"converter-{version}\"}}\n\
             \x20 - target: {{kind: ScaledObject}}\n\
             \x20   options: {{allowNameChange: true}}\n\
             \x20   patch: |-\n\
             \x20     - {{op: replace, path: /metadata/name, value: \"worker-{version}\"}}\n\
             \x20     - {{op: replace, path: /spec/scaleTargetRef/name, value: \"worker-{version}\"}}\n"
        )?,
    }
    Ok(text)
}
