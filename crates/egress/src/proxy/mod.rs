//! The HTTP/1.1 proxy of one job.
//!
//! `listen` accepts connections; `request` decides what a request asks for, or that it is none a
//! browser would send; `forward` carries plain HTTP, `tunnel` everything else; `headers` removes
//! what concerns one hop only; `answer` speaks in the proxy's own name.

mod answer;
mod forward;
mod headers;
mod listen;
mod request;
mod tunnel;

pub(crate) use listen::{Job, accept};

#[cfg(test)]
mod tests;
