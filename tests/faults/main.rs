//! What happens to accepted work when something breaks.

mod accidents;
mod crash;
mod storm;
mod world;
