//! The proxy over real sockets: an origin that is allowed, canaries that are not.

mod forwarding;
mod limits;
mod noise;
mod refusing;
mod smuggling;
mod support;
mod tunnelling;
