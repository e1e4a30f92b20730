//! The deployment: what `deploy/` renders to is what a cluster takes, and is as it should be.
//!
//! What needs no cluster is part of `make test`; `make test-deploy` brings a control plane for the rest, but for
//! the images, which `make test-images` builds.

mod cluster;
mod datadog;
mod environment;
mod images;
mod kustomize;
mod lint;
mod manifests;
mod mutants;
mod object;
mod operations;
mod pipelines;
mod policy;
mod releases;
mod schema;
mod terraform;
mod tools;
mod web;
