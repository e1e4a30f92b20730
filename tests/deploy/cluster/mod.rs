//! Releases on a real control plane: etcd, API server, controllers and scheduler are Kubernetes' own, kwok
//! plays the nodes and what runs on them. It takes `make test-deploy`.

mod access;
mod ack;
mod capacity;
mod control_plane;
mod environment;
mod failures;
mod pull;
mod releases;
mod watcher;
