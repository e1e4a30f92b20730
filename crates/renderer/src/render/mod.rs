//! One job: load the page, let it settle, see that it is a real one, print it.

mod ask;
mod banners;
mod companions;
mod document;
mod emulate;
mod job;
mod origin;
mod prepare;
mod print;
mod reason;
mod settle;
mod state;
mod watch;

pub(crate) use job::{Body, Printed, lost, run};
