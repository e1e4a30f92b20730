//! The deployment: what `deploy/` renders to is what a cluster takes, and is as it should be.
//!
//! Nothing here needs a cluster. What renders and judges comes from `scripts/setup.sh deploy`.

mod environment;
mod kustomize;
mod lint;
mod manifests;
mod mutants;
mod object;
mod policy;
mod releases;
mod schema;
mod tools;
